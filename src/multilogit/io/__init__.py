"""Files: models as data, and writing that leaves no half-written file.

::

    a TableModel -> model_file.py   the arrays of a model
                 -> header.py       and all else, checked against each other
                 -> codec.py        frozen dataclasses to JSON and strictly back
                 -> container.py    one safetensors file under one SHA-256
                 -> atomic.py       temporary file, fsync, rename

Nothing is ever unpickled, and nothing in a file is used before its checksum agrees.
"""

from multilogit.io.atomic import WriteError, check_replaceable, check_writable, write_all, write_atomically
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
