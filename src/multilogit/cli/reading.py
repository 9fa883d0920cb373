"""Opens the table that a command works on: CSV text, or Parquet."""

import hashlib
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from multilogit.cli.csv_file import read_csv
from multilogit.cli.escape import escaped
from multilogit.cli.text_types import typed_by_schema, typed_by_values
from multilogit.errors import InputError
from multilogit.table import Schema, Source

__all__ = ["MISSING_MARKS", "TableFile", "open_table"]

MISSING_MARKS = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL")

COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})


@dataclass(frozen=True)
class TableFile:
    """A table and the file that it came from.

    Attributes
    ----------
    frame : polars.DataFrame
    is_text : bool
        Whether all columns are text whose types are still to be found.
    source : Source
    """

    frame: pl.DataFrame
    is_text: bool
    source: Source

    def for_training(self, target: str, categorical: Collection[str]) -> pl.DataFrame:
        """Return the table with the types that its values show."""
        return typed_by_values(self.frame, target, categorical) if self.is_text else self.frame

    def for_prediction(self, schema: Schema) -> pl.DataFrame:
        """Return the table with the types that a model expects."""
        return typed_by_schema(self.frame, schema) if self.is_text else self.frame


def open_table(path: Path, missing_marks: Sequence[str] = MISSING_MARKS) -> TableFile:
    """Read a CSV or Parquet file.

    Parameters
    ----------
    path : Path
        Parquet is known by its content, whatever the name.
    missing_marks : sequence of str
        Texts of a CSV file that mean a missing value.

    Raises
    ------
    OSError
        If the file cannot be read.
    InputError
        If its content is not a table with rows.
    """
    data = path.read_bytes()
    name = escaped(path.name)
    source = Source(path.name, hashlib.sha256(data).hexdigest())
    if data[:4] == b"PAR1":
        return TableFile(_read_parquet(data, name), is_text=False, source=source)
    if data[:4] == b"PK\x03\x04":
        raise InputError(f"{name} is a spreadsheet or a zip archive; save the table as CSV.")
    if (packer := next((word for start, word in COMPRESSED.items() if data.startswith(start)), None)) is not None:
        raise InputError(f"{name} is compressed ({packer}): unpack it first.")
    if path.suffix.lower() in PARQUET_SUFFIXES:
        raise InputError(f"{name} is not a Parquet file, for it does not begin with PAR1; rename it if it is CSV.")
    return TableFile(read_csv(data, name, missing_marks), is_text=True, source=source)


def _read_parquet(data: bytes, name: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{name} is a damaged Parquet file ({error}).") from None
    if frame.is_empty():
        raise InputError(f"{name} has no rows.")
    return frame
