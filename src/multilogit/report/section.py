"""What a text about a model is made of, whatever shows it: headings, sentences, tables and figures."""

from dataclasses import dataclass

__all__ = ["Figure", "Section", "Table"]

_PHONE = 340  # pixels that a narrow page leaves for a figure


@dataclass(frozen=True)
class Table:
    """Rows of cells, under a header if it has one; cells after the first stand to the right where ``numeric``."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True


@dataclass(frozen=True)
class Figure:
    """SVG text, what it shows in words for those who do not see it, and the width (pixels) that it is drawn for."""

    svg: str
    alt: str
    width: int = 0

    @property
    def least_width(self) -> int:
        """Return the width (pixels) below which its letters are too small; a narrower page lets it be moved."""
        return min(self.width, max(_PHONE, self.width * 3 // 4))


@dataclass(frozen=True)
class Section:
    """A heading, plain sentences, and what they speak of, in this order; ``parts`` hold sections of their own."""

    anchor: str
    title: str
    sentences: tuple[str, ...] = ()
    figure: Figure | None = None
    tables: tuple[Table, ...] = ()
    code: str = ""
    parts: tuple["Section", ...] = ()
