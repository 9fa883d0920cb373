"""Sections as lines of plain text."""

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import combining, east_asian_width

from multilogit.report.section import Section, Table

__all__ = ["aligned", "lines", "plain"]


def plain(sections: Iterable[Section]) -> str:
    """Return sections as text."""
    return "\n".join(line for section in sections for line in lines(section))


def lines(section: Section) -> Iterator[str]:
    """Yield the title, the tables and the sentences of a section; figures and parts need a page."""
    yield section.title
    for table in section.tables:
        yield from (f"  {line}" for line in aligned(table))
    yield from (f"  {sentence}" for sentence in section.sentences)


def aligned(table: Table) -> list[str]:
    """Return a table as lines with equal columns.

    Examples
    --------
    >>> aligned(Table(("", "loss"), (("model", "0.5"),)))
    ['       loss', 'model   0.5']
    """
    rows = [*([table.header] if table.header else []), *table.rows]
    widths = [max(map(_cells, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_padded(row, widths, table.numeric)).rstrip() for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int], numeric: bool) -> Iterator[str]:
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        space = " " * (width - _cells(cell))
        yield space + cell if numeric and place else cell + space


def _cells(text: str) -> int:
    """Return how many cells of a terminal a text takes: letters of East Asia two, marks above another letter none."""
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)
