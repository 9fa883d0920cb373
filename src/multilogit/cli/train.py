"""``multilogit train``: from a table in a file to a model in a file."""

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from multilogit.cli.reading import TableFile
    from multilogit.table import HeldOut, TableModel

__all__ = ["SUFFIX", "Training", "train", "train_file"]

SUFFIX = ".multilogit"
MOST_HELD_OUT = 0.9


def _number(text: object, expected: str, fits: Callable[[float], bool]) -> float:
    """Return the number that an option was given; its default comes as a number."""
    try:
        value = float(str(text))
    except ValueError:
        value = nan
    if not fits(value):
        raise typer.BadParameter(f"expected {expected}, got {str(text)!r}.")
    return value


def _strength(text: object) -> float:
    return _number(text, "a number > 0, or inf", lambda value: value > 0)


def _share(text: object) -> float:
    return _number(text, f"a number from 0 to {MOST_HELD_OUT}", lambda value: 0 <= value <= MOST_HELD_OUT)


def _seed(text: object) -> int:
    return int(
        _number(text, "a whole number from 0 to 4294967295", lambda value: 0 <= value < 2**32 and value.is_integer())
    )


@dataclass(frozen=True)
class Training:
    """What the user asked of a training."""

    data: Path
    target: str
    output: Path
    C: float = 1.0
    exclude: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    weights: str | None = None
    missing: tuple[str, ...] = ()
    holdout: float = 0.25
    seed: int = 0


def train(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", readable=False, help="A CSV (UTF-8) or Parquet file with a header.")
    ],
    target: Annotated[str, typer.Option("--target", "-t", metavar="COLUMN", help="The column of classes.")],
    C: Annotated[
        float,
        typer.Option(
            "--C", metavar="NUMBER", parser=_strength, help="Inverse strength of the L2 penalty; inf for none."
        ),
    ] = 1.0,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="COLUMN", help="Do not use it. May be repeated.")
    ] = None,
    categorical: Annotated[
        list[str] | None,
        typer.Option("--categorical", metavar="COLUMN", help="Take its values as levels. May be repeated."),
    ] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", metavar="COLUMN", help="Weights of the rows, numbers >= 0.")
    ] = None,
    na: Annotated[
        list[str] | None,
        typer.Option("--na", metavar="TEXT", help="One more mark of a missing value. May be repeated."),
    ] = None,
    holdout: Annotated[
        float,
        typer.Option("--holdout", metavar="NUMBER", parser=_share, help="Share of each class held out for the scores."),
    ] = 0.25,
    seed: Annotated[
        int, typer.Option("--seed", metavar="NUMBER", parser=_seed, help="Seed of the random draw of held-out rows.")
    ] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="MODEL",
            readable=False,
            help="Default: DATA's name with .multilogit, in this directory. An existing file is replaced only if it "
            "is a model.",
        ),
    ] = None,
) -> None:
    """Train a model on the rows of a table.

    Numbers are used as they are, texts as levels. Rows with a missing value are left out, and counted.

    The separator of a CSV file is detected from its header: , ; | or tab.
    Spaces around names and values are dropped.
    A column without a name is called after its place: column_1, column_2, ...

    Dates, row counters, reference numbers and text that names the rows are left
    out, with the reason.
    """
    from multilogit.cli.failures import reported

    asked = Training(
        data=data,
        target=target,
        output=output or Path(f"{data.stem}{SUFFIX}"),
        C=C,
        exclude=tuple(exclude or ()),
        categorical=tuple(categorical or ()),
        weights=weights,
        missing=tuple(na or ()),
        holdout=holdout,
        seed=seed,
    )
    with reported():
        from multilogit.cli.wording import command

        train_file(asked)
        typer.echo(f"Next: {command('predict', asked.output, asked.data)}")


def train_file(asked: Training) -> "TableModel":
    """Train from a file, write the model and print what was done.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    InputError
        If the table cannot be learned from.
    """
    from multilogit import io
    from multilogit.cli import display, wording
    from multilogit.cli.escape import escaped
    from multilogit.cli.outputs import check_replaceable, refuse_to_overwrite
    from multilogit.cli.reading import MISSING_MARKS, open_table
    from multilogit.table.words import counted

    refuse_to_overwrite(asked.output, asked.data)
    io.check_writable(asked.output)
    check_replaceable(asked.output, io.begins_as_model, "a model")
    file = open_table(asked.data, (*MISSING_MARKS, *asked.missing))
    display.heading(f"Read {asked.data}: {counted(file.frame.height, 'row')}, {counted(file.frame.width, 'column')}")
    model = _fit(asked, file)
    _show(model)
    io.save(model, asked.output)
    display.line(f"Wrote {asked.output} ({asked.output.stat().st_size:,} bytes)")
    for sentence in wording.warnings(model):
        typer.echo(f"warning: {escaped(sentence)}", err=True)
    return model


def _fit(asked: Training, file: "TableFile") -> "TableModel":
    from multilogit import table
    from multilogit.cli.reading import MISSING_MARKS
    from multilogit.errors import SeparationWarning
    from multilogit.estimators.outcome import ConvergenceWarning

    frame = file.for_training(asked.target, asked.categorical)
    if sys.stderr.isatty():
        typer.echo("Fitting...", err=True)
    with warnings.catch_warnings():
        # `wording.warnings` says these in the words of the command.
        for category in (SeparationWarning, ConvergenceWarning):
            warnings.simplefilter("ignore", category)
        return table.train(
            frame,
            asked.target,
            C=asked.C,
            exclude=asked.exclude,
            categorical=asked.categorical,
            weights=asked.weights,
            missing_marks=(*MISSING_MARKS, *asked.missing),
            holdout=asked.holdout,
            seed=asked.seed,
            source=file.source,
        )


def _show(model: "TableModel") -> None:
    from multilogit.cli import display, wording

    for sentence in wording.rows(model):
        display.line(sentence)
    display.heading("Columns")
    display.table(wording.columns(model.schema))
    display.heading("Fit")
    display.table(wording.fit(model))
    held_out = model.record.held_out
    if held_out is None:
        display.line("No rows were held out, so there are no scores.")
    else:
        _show_scores(held_out, model)


def _show_scores(held_out: "HeldOut", model: "TableModel") -> None:
    from multilogit.cli import display, wording
    from multilogit.table.words import counted

    display.heading(
        f"Scores on {counted(held_out.rows, 'held-out row')}, from a fit to the other {held_out.fitted_rows:,}"
    )
    display.table(wording.scores(held_out), header=wording.SCORE_NAMES)
    display.line(wording.verdict(held_out, model.estimator.C))
    display.line(f"The saved model is fitted to all {counted(model.record.rows_used, 'row')}.")
