"""Figures as SVG text that can stand within a page."""

import io
import re
import warnings
from typing import Any

from multilogit.plot.style import svg_settings
from multilogit.report.section import Figure

__all__ = ["figure"]

_PIXELS = 96  # of CSS, per inch

# What stands before the element, and, in its tags, identifiers, which must differ between the figures of one page.
_PROLOGUE = re.compile(r"^.*?(?=<svg )", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_IDENTIFIER = re.compile(r'\b(id="|href="#|url\(#)')


def figure(anchor: str, display: Any, alt: str) -> Figure:
    """Return what a display draws as an ``<svg>`` element; its text is escaped by matplotlib, and it loads nothing.

    Its identifiers begin with the anchor, which no other figure of the page may have.
    """
    with svg_settings(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # matplotlib's font lacks it; the reader's may not
        drawn = display.plot().figure
        buffer = io.StringIO()
        drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = _METADATA.sub("", _PROLOGUE.sub("", buffer.getvalue()))
    width = round(float(drawn.get_figwidth()) * _PIXELS)
    return Figure(_TAG.sub(lambda tag: _IDENTIFIER.sub(rf"\g<1>{anchor}-", tag[0]), text), alt, width)
