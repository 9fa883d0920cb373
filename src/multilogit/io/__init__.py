"""Files of models of tables.

::

    a TableModel -> model_file.py   the arrays of a model
                 -> header.py       and all else, checked against each other
                 -> _files          JSON, one container under one checksum, written whole or not at all
"""

from multilogit._files.atomic import WriteError, check_replaceable, check_writable, write_all, write_atomically
from multilogit.io.model_file import begins_as_model, dumps, load, loads, save, written_by

__all__ = [
    "WriteError",
    "begins_as_model",
    "check_replaceable",
    "check_writable",
    "dumps",
    "load",
    "loads",
    "save",
    "write_all",
    "write_atomically",
    "written_by",
]
