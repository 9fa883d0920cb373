"""What a trained model says about itself: a summary for a terminal, and a page that needs nothing else.

::

    section.py    what a text is made of: sentences, tables, figures
    wording.py    numbers of a model as words, for every section that shows them
    summary.py    the sections of a terminal            -> plain.py   as lines of text
    content.py    the sections of the page              -> write.py   into page.html, whose looks are page.css
    figures.py    the figures as SVG text

The page needs jinja2 and matplotlib: ``pip install 'multilogit[cli]'``.
"""

from multilogit.report import wording
from multilogit.report.plain import aligned, plain
from multilogit.report.section import Figure, Section, Table
from multilogit.report.summary import summary
from multilogit.report.write import begins_as_report, render, write

__all__ = [
    "Figure",
    "Section",
    "Table",
    "aligned",
    "begins_as_report",
    "plain",
    "render",
    "summary",
    "wording",
    "write",
]
