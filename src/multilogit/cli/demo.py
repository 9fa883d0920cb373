"""``multilogit demo``: the whole way from a raw table to predictions and back from the model file."""

import tempfile
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from multilogit.cli.escape import shell_word

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
    """Show the whole way on known data.

    Writes a data set of scikit-learn as CSV with its columns raw, trains on that file, writes the report, predicts,
    and checks the model file.
    """
    from multilogit.cli.failures import reported

    with reported("Interrupted."):
        if directory is None:
            directory = Path(tempfile.mkdtemp(prefix="multilogit-demo-"))
        directory.mkdir(parents=True, exist_ok=True)
        with chdir(directory):
            typer.echo(f"$ cd {shell_word(str(directory))}")
            _run(data_set)
            typer.echo(f"\nOpen {directory / data_set}.html in a browser: it is the report.")


def _run(name: str) -> None:
    """Do in the current directory what a user would do."""
    from multilogit import io
    from multilogit.cli.asked import SUFFIX, Training
    from multilogit.cli.command_line import command
    from multilogit.cli.explain import explain
    from multilogit.cli.outputs import begins_as_predictions
    from multilogit.cli.predict import predict
    from multilogit.cli.training import train_file
    from multilogit.results import load

    data, model, report, predicted = (Path(name + end) for end in (".csv", SUFFIX, ".html", ".predictions.csv"))
    raw = _raw_table(name).write_csv().encode()
    io.check_replaceable(data, lambda path: path.read_bytes() == raw, "the table of this demo")
    io.check_replaceable(predicted, begins_as_predictions, "a file of predictions")
    io.write_atomically(data, raw)
    typer.echo(f"$ {command('train', data, '--target', TARGETS[name], '--report', report)}")
    results = train_file(Training(data, TARGETS[name], model, report=report))
    typer.echo(f"\n$ {command('predict', model, data, '-o', predicted)}")
    predict(model, data, predicted)
    P = results.predict_proba(data).to_numpy()
    if load(model).predict_proba(data).to_numpy().tobytes() != P.tobytes():
        typer.echo("error: the model read back from its file predicts differently.", err=True)
        raise typer.Exit(1)
    typer.echo(f"The model read back from {model} gives the same predictions, bit for bit.")
    row = int(P.max(axis=1).argmin()) + 1
    typer.echo(f"\n$ {command('explain', model, data, '--row', str(row))}     # the row that it is least sure of")
    explain(model, data, row)


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
