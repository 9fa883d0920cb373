"""Puts the content into the template, and the page into a file."""

from importlib import resources
from pathlib import Path

from multilogit import __version__
from multilogit._files.atomic import write_atomically
from multilogit.errors import InputError
from multilogit.report.content import sections, verdict
from multilogit.report.section import Section
from multilogit.table.train import Trained

__all__ = ["MOST_BYTES", "begins_as_report", "render", "write"]

MOST_BYTES = 1_000_000
_LONGEST = 500  # letters of a cell, in which a name or a level of any length may stand


def begins_as_report(path: Path) -> bool:
    """Return whether a file begins as the report of a model does."""
    with path.open("rb") as file:
        return b'name="generator" content="multilogit' in file.read(1024)


def write(results: Trained, path: str | Path) -> None:
    """Write the report, whole or not at all.

    Raises
    ------
    InputError
        If jinja2 or matplotlib is not installed.
    OSError
        If the file cannot be written.
    """
    write_atomically(Path(path), render(results).encode())


def render(results: Trained, *, command: str = "", tested: Section | None = None) -> str:
    """Return the report as one page of HTML: no script, nothing loaded from elsewhere, at most a megabyte.

    ``command`` is what made the model, and ``tested`` its scores on another table.
    """
    try:
        import jinja2  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError:
        raise InputError("the report needs jinja2 and matplotlib. Run: pip install 'multilogit[cli]'") from None
    files = resources.files("multilogit.report")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["cut"] = _cut
    template = environment.from_string(files.joinpath("page.html").read_text(encoding="utf-8"))
    page: str = template.render(
        title=f"{results.model.schema.target} from {results.model.record.source.name}",
        version=__version__,
        made=f"Made by multilogit {__version__}.",
        css=files.joinpath("page.css").read_text(encoding="utf-8"),
        verdict=verdict(results),
        sections=sections(results, command, tested),
    )
    page = page.encode(errors="replace").decode()  # a file's name may hold bytes that are no text
    if len(page.encode()) > MOST_BYTES:
        raise InputError(f"the report would be larger than {MOST_BYTES:,} bytes; please report the shape of the table.")
    return page


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
