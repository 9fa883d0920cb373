"""Reads the bytes of a CSV file into columns of text, and refuses a damaged one by its line.

Rows that are longer or shorter than the header are errors: readers that fill or cut them move values into
wrong columns. White space around a value or a name is not part of it.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import polars as pl

from multilogit.errors import InputError
from multilogit.table.words import counted

__all__ = ["read_csv"]

SEPARATORS = (",", ";", "\t", "|")
QUOTED = re.compile(r'"(?:[^"]|"")*"')
EXCEL_HINT = re.compile(r'"?sep=.?"?', re.IGNORECASE)
BATCH = 65_536
LONGEST_FIELD = 2**31 - 1


def read_csv(data: bytes, name: str, missing_marks: Sequence[str]) -> pl.DataFrame:
    """Return the table of a CSV file: every column as text, null where a mark of a missing value stands.

    The separator is the one of comma, semicolon, tab and bar that the header holds most often.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark.
    name : str
        Of the file, for errors.
    missing_marks : sequence of str

    Raises
    ------
    InputError
        If the file is empty, not UTF-8 text, has no rows, doubled names, a row of another length than the
        header or an open quote; naming the line.
    """
    text = _decode(data, name)
    if not text.strip():
        raise InputError(f"{name} is empty; expected a header and rows.")
    csv.field_size_limit(LONGEST_FIELD)
    first = text.partition("\n")[0]
    if EXCEL_HINT.fullmatch(first.strip()):
        raise InputError(
            f"{name}, line 1 is a note for Excel ({first.strip()}) and no header; remove that line, the separator "
            "is detected without it."
        )
    rows = _rows(text, max(SEPARATORS, key=QUOTED.sub("", first).count), name)
    names = _names(next(rows), name)
    frame = _frame(names, rows)
    if frame.is_empty():
        raise InputError(f"{name} has a header but no rows.")
    return frame.with_columns(pl.when(~pl.all().is_in(list(missing_marks))).then(pl.all()))


def _decode(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name} is UTF-16 text; save it as CSV in UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8 text; save the file as CSV in UTF-8."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{name}, line {line}: a NUL byte, so this is no text file; save it as CSV in UTF-8.")
    return text


def _rows(text: str, separator: str, name: str) -> Iterator[list[str]]:
    """Yield the header and the rows, all of one length; blank lines separate nothing and are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    width = None
    try:
        for row in reader:
            if not row and width != 1:
                continue
            width = width or len(row)
            if len(row or [""]) != width:
                raise InputError(
                    f"{name}, line {reader.line_num}: {counted(len(row), 'value')}, but the header has "
                    f"{counted(width, 'name')}. "
                    "Correct the line; a value that contains the separator needs double quotes."
                )
            yield row or [""]
    except csv.Error as error:
        raise InputError(f"{name}, line {reader.line_num}: {error}; check the double quotes.") from None


def _names(header: list[str], name: str) -> list[str]:
    """Return the names of the columns; one without a name is called after its place."""
    names = [text.strip() or f"column_{place}" for place, text in enumerate(header, start=1)]
    doubled = [text for text in names if names.count(text) > 1]
    if doubled:
        raise InputError(f"{name}: the header holds {doubled[0]!r} twice; give every column its own name.")
    return names


def _frame(names: list[str], rows: Iterator[list[str]]) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String)
    batches = [pl.DataFrame(schema=schema)]
    while batch := list(islice(rows, BATCH)):
        columns = dict(zip(names, zip(*batch, strict=True), strict=True))
        batches.append(pl.DataFrame(columns, schema=schema).with_columns(pl.all().str.strip_chars()))
    return pl.concat(batches)
