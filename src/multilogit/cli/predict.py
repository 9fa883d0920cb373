"""``multilogit predict``: classes and probabilities for the rows of a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from multilogit.table import Predictions, TableModel

__all__ = ["predict", "predict_file", "to_csv"]


def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", readable=False, help="A file that `multilogit train` wrote.")
    ],
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", readable=False, help="A CSV or Parquet file with the model's columns."),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            readable=False,
            help="CSV to write; - for the standard output. An existing file is replaced only if it holds predictions.",
        ),
    ] = Path("-"),
) -> None:
    """Predict the class of each row, with the probability of every class, as CSV.

    Row i of the output belongs to row i of DATA, counted from 1 after the header.

    A row with a missing value, or with a level that training never saw, stays empty.
    """
    from multilogit.cli.failures import reported

    with reported():
        from multilogit import io
        from multilogit.cli.escape import escaped
        from multilogit.cli.outputs import begins_as_predictions, check_replaceable, refuse_to_overwrite
        from multilogit.table.words import counted

        if output != Path("-"):
            refuse_to_overwrite(output, model, data)
            io.check_writable(output)
            check_replaceable(output, begins_as_predictions, "a file of predictions")
        predictions = predict_file(io.load(model), data)
        text = to_csv(predictions)
        if output == Path("-"):
            typer.echo(text, nl=False)
        else:
            io.write_atomically(output, text)
            typer.echo(f"Wrote {escaped(str(output))} ({counted(len(predictions.labels), 'row')})")
        if predictions.first_unusable is not None:
            typer.echo(
                f"warning: {predictions.unusable:,} of {counted(len(predictions.labels), 'row')} without "
                f"prediction; the first: {predictions.first_unusable.sentence()}.",
                err=True,
            )


def predict_file(model: "TableModel", data: Path) -> "Predictions":
    """Return the predictions for the rows of a file.

    Raises
    ------
    OSError
        If the file cannot be read.
    InputError
        If it is not a table with the model's columns.
    """
    from multilogit.cli.reading import open_table

    return model.predict(open_table(data, model.schema.missing_marks).for_prediction(model.schema))


def to_csv(predictions: "Predictions") -> bytes:
    """Return the predictions as CSV; each probability reads back as the same float."""
    import polars as pl

    columns = [pl.Series("prediction", predictions.labels)]
    for label, p in zip(predictions.classes.tolist(), predictions.probabilities.T, strict=True):
        columns.append(pl.Series(f"p_{label}", p).fill_nan(None))
    return pl.DataFrame(columns).write_csv().encode()
