"""Opens a file that holds a table: text, packed by gzip or not, or Parquet."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from multilogit.errors import InputError
from multilogit.table.files.csv import read_csv
from multilogit.table.files.format import Format
from multilogit.table.files.types import Texts
from multilogit.table.record import Source
from multilogit.table.schema import Schema

__all__ = ["TableFile", "read_table", "table_of"]

GZIP = b"\x1f\x8b"
SPREADSHEETS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # xlsx, an empty archive, xls
COMPRESSED = {b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})


@dataclass(frozen=True)
class TableFile:
    """A file that holds a table: a data frame, or texts whose types are still to be found."""

    content: pl.DataFrame | Texts
    source: Source

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        frame = self.content.frame if isinstance(self.content, Texts) else self.content
        return tuple(frame.columns)

    def for_training(self, target: str, as_text: Collection[str]) -> pl.DataFrame:
        """Return the table with the types that its values show; some columns stay text."""
        return self.content.by_values(target, as_text) if isinstance(self.content, Texts) else self.content

    def for_prediction(self, schema: Schema) -> pl.DataFrame:
        """Return the table with the types that a model expects."""
        return self.content.by_schema(schema) if isinstance(self.content, Texts) else self.content


def read_table(path: Path, written: Format) -> TableFile:
    """Read a file; Parquet and gzip are known by their content, whatever the name.

    Raises
    ------
    OSError
        If the file cannot be read.
    InputError
        If its content is not a table with rows.
    """
    return table_of(path.read_bytes(), path.name, written)


def table_of(data: bytes, name: str, written: Format) -> TableFile:
    """Return the table that bytes hold; ``name`` is for errors and for the record."""
    source = Source(name, hashlib.sha256(data).hexdigest())
    shown = name.encode("unicode_escape").decode() if not name.isprintable() else name
    if data.startswith(GZIP):
        data = _unpacked(data, shown)
    if data[:4] == b"PAR1":
        return TableFile(_parquet(data, shown), source)
    if data.startswith(SPREADSHEETS):
        raise InputError(f"{shown} is a spreadsheet or a zip archive; save the table as CSV.")
    if (packer := next((word for start, word in COMPRESSED.items() if data.startswith(start)), None)) is not None:
        raise InputError(f"{shown} is compressed ({packer}): unpack it first, or use gzip.")
    if Path(name).suffix.lower() in PARQUET_SUFFIXES:
        raise InputError(f"{shown} is not a Parquet file, for it does not begin with PAR1; rename it if it is CSV.")
    return TableFile(read_csv(data, shown, written), source)


def _unpacked(data: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name} is a damaged gzip file ({error}).") from None


def _parquet(data: bytes, name: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(f"{name} is a damaged Parquet file ({error}).") from None
    if frame.is_empty():
        raise InputError(f"{name} has no rows.")
    return frame
