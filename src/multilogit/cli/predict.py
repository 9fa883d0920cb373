"""``multilogit predict``: classes and probabilities for the rows of a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from multilogit.cli.options import Decimal, Encoding, Model, Separator
from multilogit.cli.table_input import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from multilogit.table import Predictions

__all__ = ["predict", "to_bytes"]

FOREIGN_SUFFIXES = frozenset(
    {".xlsx", ".xls", ".ods", ".json", ".feather", ".arrow", ".gz", ".zip", ".html", ".mlogit"}
)
PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})


def predict(
    model: Model,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", readable=False, allow_dash=True, help="A table with the model's columns; - reads text."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            readable=False,
            help="CSV, or Parquet by its name; - for the standard output.",
        ),
    ] = STDIN,
    separator: Separator = None,
    decimal: Decimal = ".",
    encoding: Encoding = "utf-8",
) -> None:
    """Predict the class of each row.

    Writes the class and the probability of every class, with the digits that give back the same number. Row i of the
    output belongs to row i of DATA, counted from 1 after the header. Every row gets a prediction; what training never
    saw is counted on the standard error.
    """
    from multilogit.cli.failures import reported

    with reported():
        from multilogit import io
        from multilogit.cli.escape import escaped
        from multilogit.cli.outputs import begins_as_predictions, refuse_to_overwrite
        from multilogit.cli.table_input import open_input, written_as
        from multilogit.errors import InputError
        from multilogit.table.words import counted

        if output.suffix.lower() in FOREIGN_SUFFIXES:
            raise InputError(f"predictions are written as CSV or Parquet, and {output} is named like neither.")
        if output != STDIN:
            refuse_to_overwrite(output, model, *([data] if data != STDIN else []))
            io.check_writable(output)
            io.check_replaceable(output, begins_as_predictions, "a file of predictions")
        loaded = io.load(model)
        file = open_input(data, written_as(separator, decimal, encoding, (), loaded.schema.missing_marks))
        frame = file.for_prediction(loaded.schema)
        found = loaded.predict(frame)
        content = to_bytes(found, parquet=output.suffix.lower() in PARQUET_SUFFIXES)
        if output == STDIN:
            typer.echo(content, nl=False)
        else:
            io.write_atomically(output, content)
            typer.echo(f"Wrote {escaped(str(output))} ({counted(len(found.labels), 'row')})", err=True)
        for novelty in found.novelties:
            typer.echo(f"note: {escaped(novelty.sentence())}", err=True)
        known = {each.name for each in loaded.schema.columns}
        ignored = [name for name in frame.columns if name not in known]
        if ignored:
            shown = ", ".join(escaped(name) for name in ignored[:6]) + (
                f" and {len(ignored) - 6} more" if len(ignored) > 6 else ""
            )
            typer.echo(f"note: columns that the model does not use: {shown}", err=True)


def to_bytes(predictions: "Predictions", *, parquet: bool) -> bytes:
    """Return the predictions as Parquet, or as CSV whose 17 digits read back as the same probabilities."""
    import io

    import polars as pl

    labels = pl.Series("prediction", predictions.labels.tolist())
    columns = [pl.Series(name, p) for name, p in zip(predictions.names, predictions.probabilities.T, strict=True)]
    frame = pl.DataFrame([labels, *columns])
    if parquet:
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        return buffer.getvalue()
    return _seventeen_digits(frame, predictions.names).write_csv(quote_style="necessary").encode()


def _seventeen_digits(frame: "pl.DataFrame", names: "Sequence[str]") -> "pl.DataFrame":
    import polars as pl

    return frame.with_columns(pl.Series(name, [f"{p:.17g}" for p in frame[name].to_list()]) for name in names)
