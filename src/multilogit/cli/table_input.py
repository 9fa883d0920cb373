"""The table that a command works on: a file, or - for the standard input; and what the user says about its text."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multilogit.table.files import Format
    from multilogit.table.source import Opened

__all__ = ["STDIN", "open_input", "written_as"]

STDIN = Path("-")


def open_input(path: Path, written: "Format") -> "Opened":
    """Read a table.

    Raises
    ------
    OSError
        If the file cannot be read.
    InputError
        If its content is not a table with rows.
    """
    from multilogit.table.files import read_table, table_of
    from multilogit.table.source import Opened

    file = table_of(sys.stdin.buffer.read(), "standard input", written) if path == STDIN else read_table(path, written)
    return Opened(file, file.source)


def written_as(
    separator: str | None, decimal: str, encoding: str, na: "Sequence[str]", marks: tuple[str, ...] = ()
) -> "Format":
    """Return how a text file is written; ``marks`` are those of a model, in place of the usual ones."""
    from multilogit.table.files import MISSING_MARKS, Format

    return Format(separator, decimal, encoding, (*(marks or MISSING_MARKS), *na))
