"""Reads the bytes of a CSV file into columns of text, and refuses a damaged one by its line.

Rows that are longer or shorter than the header are errors: readers that fill or cut them move values into
wrong columns. White space around a value or a name is not part of it.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np
import polars as pl

from multilogit._arrays import Integers
from multilogit.errors import InputError
from multilogit.table.files.format import Format
from multilogit.table.files.types import Texts
from multilogit.table.words import counted, shown

__all__ = ["read_csv"]

SEPARATORS = (",", ";", "\t", "|")
QUOTED = re.compile(r'"(?:[^"]|"")*"')
EXCEL_HINT = re.compile(r'"?sep=.?"?', re.IGNORECASE)
WIDE = (  # that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
BATCH = 65_536
LONGEST_NAME = 1_000
LONGEST_FIELD = 2**31 - 1


def read_csv(data: bytes, name: str, written: Format) -> Texts:
    """Return the table of a CSV file: every column as text, null where a mark of a missing value stands.

    Unless it is given, the separator is the one of comma, semicolon, tab and bar that the header holds most often.

    Parameters
    ----------
    data : bytes
        With or without a byte order mark.
    name : str
        Of the file, for errors.
    written : Format

    Raises
    ------
    InputError
        If the file is empty, not text in the encoding, has no rows, doubled names, a row of another length than the
        header or an open quote; naming the line.
    """
    text = _decode(data, name, written.encoding)
    if not text.strip():
        raise InputError(f"{name} is empty; expected a header and rows.")
    csv.field_size_limit(LONGEST_FIELD)
    first = text.lstrip("\r\n ").partition("\n")[0]
    if EXCEL_HINT.fullmatch(first.strip()):
        raise InputError(
            f"{name}, line 1 is a note for Excel ({first.strip()}) and no header; remove that line, the separator "
            "is detected without it."
        )
    separator = written.separator or max(SEPARATORS, key=QUOTED.sub("", first).count)
    rows = _rows(text, separator, name)
    names = _names(*next(rows), name)
    frame, lines = _frame(names, rows)
    if frame.is_empty():
        raise InputError(f"{name} has a header but no rows.")
    marked = frame.with_columns(pl.when(~pl.all().is_in(list(written.missing_marks))).then(pl.all()))
    return Texts(marked, lines, written.decimal)


def _decode(data: bytes, name: str, encoding: str) -> str:
    try:
        codec = codecs.lookup("utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding)
        "".encode(encoding)  # a codec such as base64 makes no text
    except (LookupError, UnicodeError):
        raise InputError(f"{encoding!r} is no encoding that Python knows; utf-8, latin-1 and utf-16 are.") from None
    wide = next((known for mark, known in WIDE if data.startswith(mark)), None)
    if codec.name == "utf-8-sig" and wide is not None:
        raise InputError(f"{name} is {wide} text; add --encoding {wide.lower()}, or save it in UTF-8.")
    try:
        text = codec.decode(data, "strict")[0]
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        line = data.count(b"\n", 0, start) + 1
        raise InputError(
            f"{name}, line {line}: byte 0x{data[start]:02x} is not {codec.name.removesuffix('-sig').upper()} text; "
            "add --encoding latin-1 if the file is from an older program, or save it in UTF-8."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{name}, line {line}: a NUL byte, so this is no text file; save it as CSV in UTF-8.")
    return text


def _rows(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the header and the rows, all of one length, each with its line; blank lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    width, line = None, 1
    try:
        for row in reader:
            line, begun = reader.line_num + 1, line
            if not row and width != 1:
                continue
            width = width or len(row)
            if len(row or [""]) != width:
                raise InputError(
                    f"{name}, line {begun}: {counted(len(row), 'value')}, but the header has "
                    f"{counted(width, 'name')}. "
                    "Correct the line; a value that contains the separator needs double quotes."
                )
            yield begun, row or [""]
    except csv.Error as error:
        open_quote = "unexpected end" in str(error)
        fault = "a double quote opens in this row and never closes" if open_quote else f"{error} in this row"
        raise InputError(f"{name}, line {line}: {fault}; check the double quotes.") from None


def _names(line: int, header: list[str], name: str) -> list[str]:
    """Return the names of the columns; one without a name is called after its place."""
    names = [text.strip() or f"column_{place}" for place, text in enumerate(header, start=1)]
    longest = max(names, key=len)
    if len(longest) > LONGEST_NAME:
        raise InputError(
            f"{name}, line {line}: the name {shown(longest)} is too long for a column; check the double quotes of the "
            "header."
        )
    doubled = next((text for text, times in Counter(names).items() if times > 1), None)
    if doubled is not None:
        raise InputError(f"{name}, line {line}: the header holds {doubled!r} twice; give every column its own name.")
    return names


def _frame(names: list[str], rows: Iterator[tuple[int, list[str]]]) -> tuple[pl.DataFrame, Integers]:
    """Return the columns as texts, and the line of every row."""
    schema = dict.fromkeys(names, pl.String)
    batches, lines = [pl.DataFrame(schema=schema)], [np.empty(0, dtype=np.int64)]
    while batch := list(islice(rows, BATCH)):
        begun, values = zip(*batch, strict=True)
        columns = dict(zip(names, zip(*values, strict=True), strict=True))
        batches.append(pl.DataFrame(columns, schema=schema).with_columns(pl.all().str.strip_chars()))
        lines.append(np.array(begun))
    return pl.concat(batches), np.concatenate(lines)
