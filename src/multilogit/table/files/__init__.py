"""Reads a file into a table: Parquet, or text whose separator and types are found. Needs polars.

::

    format.py  how a text file is written
    read.py    what kind of file it is, and its hash
    csv.py     bytes to columns of text; a damaged file is refused by its line
    types.py   columns of text to numbers, truth values or text
"""

from multilogit.table.files.format import MISSING_MARKS, Format
from multilogit.table.files.read import TableFile, read_table, table_of

__all__ = ["MISSING_MARKS", "Format", "TableFile", "read_table", "table_of"]
