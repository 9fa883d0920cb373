"""Prints lines and tables: in bold where a terminal shows it, never cut to its width, control characters escaped."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from multilogit.cli.escape import escaped

__all__ = ["aligned", "heading", "line", "table"]


def line(text: str = "") -> None:
    """Print one line of the result."""
    _print(Text(escaped(text)))


def heading(text: str) -> None:
    """Print one line that opens a part of the result."""
    _print(Text(escaped(text), style="bold"))


def table(rows: Iterable[Sequence[str]], header: Sequence[str] | None = None) -> None:
    """Print rows of cells in columns: the first to the left, the others by `aligned`."""
    cells = [[escaped(cell) for cell in row] for row in [*([header] if header else []), *rows]]
    lines = aligned(cells, numeric=header is not None)
    for number, text in enumerate(lines):
        _print(Text(f"  {text}", style="dim" if header and number == 0 else ""))


def aligned(rows: Sequence[Sequence[str]], *, numeric: bool) -> list[str]:
    """Return rows of cells as lines with equal columns.

    Parameters
    ----------
    rows : sequence of sequences of str
        All of one length.
    numeric : bool
        Whether the columns after the first stand to the right.

    Examples
    --------
    >>> aligned([["", "loss"], ["model", "0.5"]], numeric=True)
    ['       loss', 'model   0.5']
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_padded(row, widths, numeric)).rstrip() for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int], numeric: bool) -> list[str]:
    spaces = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
    return [
        space + cell if numeric and place else cell + space
        for place, (cell, space) in enumerate(zip(row, spaces, strict=True))
    ]


def _print(text: Text) -> None:
    Console(highlight=False).print(text, soft_wrap=True)
