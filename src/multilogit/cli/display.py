"""Prints sections: in bold where a terminal shows it, never cut to its width, control characters escaped."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from multilogit.cli.escape import escaped
from multilogit.report import Section, Table, aligned

__all__ = ["heading", "line", "show", "table"]


def show(sections: Iterable[Section]) -> None:
    """Print sections as `multilogit.report.plain` writes them."""
    for section in sections:
        heading(section.title)
        for each in section.tables:
            table(each.rows, each.header, numeric=each.numeric)
        for sentence in section.sentences:
            line(f"  {sentence}")


def line(text: str = "") -> None:
    """Print one line of the result."""
    _print(Text(escaped(text)))


def heading(text: str) -> None:
    """Print one line that opens a part of the result."""
    _print(Text(escaped(text), style="bold"))


def table(rows: Iterable[Sequence[str]], header: Sequence[str] = (), *, numeric: bool = False) -> None:
    """Print rows of cells in columns, those after the first to the right where ``numeric``."""
    cells = tuple(tuple(map(escaped, row)) for row in rows)
    for number, text in enumerate(aligned(Table(tuple(map(escaped, header)), cells, numeric))):
        _print(Text(f"  {text}", style="dim" if header and number == 0 else ""))


def _print(text: Text) -> None:
    Console(highlight=False).print(text, soft_wrap=True)
