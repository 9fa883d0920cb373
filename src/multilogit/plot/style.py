"""What the figures have in common: colours that differ in grey too, few lines, and axes where none came."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unicodedata import east_asian_width

from multilogit.errors import InputError

__all__ = ["AGAINST", "FAINT", "FOR", "INK", "axes", "inches", "literal", "shortened", "svg_settings"]

INK, FAINT = "#1a1a1a", "#b8b8b8"
FOR, AGAINST = "#1f5fa8", "#c4561b"  # blue and orange: told apart by every common kind of colour vision

_END = 9
_LONGEST = 24  # letters of a label


def axes(ax: Any, width: float, height: float) -> Any:
    """Return the axes to draw on: those given, or those of a new figure of some inches.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    if ax is None:
        try:
            from matplotlib.figure import Figure  # noqa: PLC0415  (an extra)
        except ModuleNotFoundError:
            raise InputError("figures need matplotlib. Run: pip install 'multilogit[plot]'") from None
        ax = Figure(figsize=(width, height), layout="constrained").subplots()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return ax


def shortened(label: str) -> str:
    """Return a label of bearable length, on one line; its end, where a value stands, is kept."""
    cut = label if len(label) <= _LONGEST else f"{label[: _LONGEST - _END - 1]}…{label[-_END:]}"
    return "".join(letter if letter.isprintable() else " " for letter in cut)


def inches(labels: Iterable[str]) -> float:
    """Return about how much room the longest of some labels takes, once it is shortened."""
    return max(sum(0.13 if _is_wide(letter) else 0.08 for letter in shortened(label)) for label in labels)


def _is_wide(letter: str) -> bool:
    return letter.isupper() or letter in "mw@%&" or east_asian_width(letter) in "WF"


def literal(text: str) -> str:
    r"""Return a text as matplotlib draws it letter by letter: between two dollars it would read a formula.

    Examples
    --------
    >>> print(literal("$x^2$"))
    \$x^2\$
    """
    return text.replace("$", r"\$")


@contextmanager
def svg_settings() -> Iterator[None]:
    """Draw text as text, and the same bytes for the same figure."""
    import matplotlib as mpl  # noqa: PLC0415

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "multilogit", "font.size": 9}):
        yield
