"""How a text file is written."""

from dataclasses import dataclass

__all__ = ["MISSING_MARKS", "Format"]

MISSING_MARKS = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "?")


@dataclass(frozen=True)
class Format:
    """How a text file is written; ``separator`` is None where it is to be found, ``missing_marks`` mean no value."""

    separator: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    missing_marks: tuple[str, ...] = MISSING_MARKS
