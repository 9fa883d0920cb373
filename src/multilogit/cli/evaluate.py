"""``multilogit evaluate``: a model on a table that holds the target."""

from pathlib import Path
from typing import Annotated

import typer

from multilogit.cli.options import AsJson, Decimal, Encoding, Model, Separator

__all__ = ["evaluate"]


def evaluate(
    model: Model,
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", readable=False, allow_dash=True, help="A table with the target; - reads it."),
    ],
    separator: Separator = None,
    decimal: Decimal = ".",
    encoding: Encoding = "utf-8",
    as_json: AsJson = False,
) -> None:
    """Score a model on another table.

    Every metric stands beside that of a prediction which knows only the classes' shares in training. The intervals are
    of the difference, at 95%, from 2,000 paired bootstrap draws. Where the model was trained with weights and the table
    has that column too, it weighs the rows.
    """
    from multilogit.cli.failures import reported

    with reported():
        from multilogit.cli import display, documents
        from multilogit.cli.table_input import open_input, written_as
        from multilogit.results import load

        results = load(model)
        written = written_as(separator, decimal, encoding, (), results.model.schema.missing_marks)
        found = results.evaluate(open_input(data, written))
        if as_json:
            content = documents.evaluation(found) | {
                "rows": found.rows,
                "left_out": found.left_out,
                "novelties": found.novelties,
                "is_training_data": found.is_training_data,
            }
            typer.echo(documents.text("evaluation", content))
            return
        display.show([found.section(f"{model} on {data}")])
