"""``multilogit demo``: the whole way from a raw table to predictions and back from the model file."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

__all__ = ["demo"]

# The data sets of scikit-learn that are classified as they come, and what their classes are.
TARGETS = {"wine": "cultivar", "iris": "species", "digits": "digit", "breast_cancer": "diagnosis"}


def _known(name: str) -> str:
    if name not in TARGETS:
        raise typer.BadParameter(f"expected one of {', '.join(TARGETS)}, got {name!r}.")
    return name


def demo(
    data_set: Annotated[
        str, typer.Argument(metavar="DATASET", parser=_known, help="wine, iris, digits or breast_cancer.")
    ] = "wine",
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory",
            metavar="DIR",
            readable=False,
            help="Where the files go. Default: a new temporary directory. Files of another origin are not replaced.",
        ),
    ] = None,
) -> None:
    """Write a known data set as CSV, train on that file, predict, and check the model file.

    The columns go in raw: nothing is scaled.
    """
    from multilogit.cli.failures import reported

    with reported("Interrupted."):
        if directory is None:
            directory = Path(tempfile.mkdtemp(prefix="multilogit-demo-"))
        directory.mkdir(parents=True, exist_ok=True)
        _run(data_set, directory)


def _run(name: str, directory: Path) -> None:
    from multilogit import io
    from multilogit.cli import display
    from multilogit.cli.outputs import begins_as_predictions, check_replaceable
    from multilogit.cli.predict import predict_file, to_csv
    from multilogit.cli.train import SUFFIX, Training, train_file
    from multilogit.cli.wording import command
    from multilogit.table.words import counted

    data, output, predicted = (directory / f for f in (f"{name}.csv", f"{name}{SUFFIX}", f"{name}.predictions.csv"))
    raw = _raw_table(name).write_csv().encode()
    check_replaceable(data, lambda path: path.read_bytes() == raw, "the table of this demo")
    check_replaceable(output, io.begins_as_model, "a model")
    check_replaceable(predicted, begins_as_predictions, "a file of predictions")
    io.write_atomically(data, raw)
    typer.echo(f"$ {command('train', data, '--target', TARGETS[name], '-o', output)}")
    model = train_file(Training(data, TARGETS[name], output))
    typer.echo(f"\n$ {command('predict', output, data, '-o', predicted)}")
    predictions = predict_file(model, data)
    io.write_atomically(predicted, to_csv(predictions))
    display.line(f"Wrote {predicted} ({counted(len(predictions.labels), 'row')})")
    again = predict_file(io.load(output), data)
    if again.probabilities.tobytes() != predictions.probabilities.tobytes() or again.labels != predictions.labels:
        typer.echo("error: the model read back from its file predicts differently.", err=True)
        raise typer.Exit(1)
    typer.echo(f"The model read back from {output.name} gives the same predictions, bit for bit.")
    typer.echo(f"Next: {command('inspect', output)}")


def _raw_table(name: str) -> "pl.DataFrame":
    """Return a data set of scikit-learn as a table: its columns as they are, and the names of the classes."""
    import polars as pl
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    labels = pl.Series(TARGETS[name], bunch.target_names[bunch.target].tolist())
    columns = [
        pl.Series(str(feature), values) for feature, values in zip(bunch.feature_names, bunch.data.T, strict=True)
    ]
    return pl.DataFrame([*columns, labels])
