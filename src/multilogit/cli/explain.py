"""``multilogit explain``: why a row got its class and not another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from multilogit.cli.options import AsJson, Decimal, Encoding, Model, Separator

if TYPE_CHECKING:
    from multilogit.table.explain import Explanation

__all__ = ["explain"]

_MOST_PARTS = 12


def explain(
    model: Model,
    data: Annotated[Path, typer.Argument(metavar="DATA", readable=False, allow_dash=True, help="A table; - reads it.")],
    row: Annotated[int, typer.Option("--row", metavar="N", min=1, help="The row, counted from 1 after the header.")],
    vs: Annotated[
        str | None, typer.Option("--vs", metavar="CLASS", help="What to compare with. Default: the runner-up.")
    ] = None,
    separator: Separator = None,
    decimal: Decimal = ".",
    encoding: Encoding = "utf-8",
    as_json: AsJson = False,
) -> None:
    """Explain why a row got its class.

    Shows what every column, or every word of a text, adds to the log-odds of the predicted class against the
    runner-up or another class. The parts add up to the log-odds exactly.
    """
    from multilogit.cli.failures import reported

    with reported():
        from multilogit import io
        from multilogit.cli import display, documents
        from multilogit.cli.escape import escaped
        from multilogit.cli.table_input import open_input, written_as
        from multilogit.table.columns import read_columns
        from multilogit.table.explain import explain_row

        loaded = io.load(model)
        written = written_as(separator, decimal, encoding, (), loaded.schema.missing_marks)
        table = open_input(data, written).for_prediction(loaded.schema)
        found = explain_row(loaded, read_columns(table), row - 1, vs)
        if as_json:
            typer.echo(documents.text("explanation", documents.explanation(found, row)))
            return
        title, rows = _in_words(found)
        display.heading(f"Row {row}: {title}")
        display.table(rows, ("", "log-odds"), numeric=True)
        for novelty in found.novelties:
            typer.echo(f"note: {escaped(novelty.sentence())}", err=True)


def _in_words(found: "Explanation") -> tuple[str, list[tuple[str, str]]]:
    """Return the classes, and the parts with their sum; many small parts are one."""
    shares = dict(found.probabilities)
    predicted, against = (f"{label} ({shares[label]:.1%})" for label in (found.predicted, found.against))
    shown, rest = found.parts[:_MOST_PARTS], found.parts[_MOST_PARTS:]
    rows = [(part.label, f"{part.log_odds:+.4f}") for part in shown]
    if rest:
        rows.append((f"all other ({len(rest)})", f"{sum(part.log_odds for part in rest):+.4f}"))
    return f"{predicted} rather than {against}", [*rows, ("sum", f"{found.log_odds:+.4f}")]
