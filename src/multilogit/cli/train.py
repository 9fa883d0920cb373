"""``multilogit train``: from a table in a file to a model in a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from multilogit.table import HeldOut, TableModel

__all__ = ["SUFFIX", "Training", "train", "train_file"]

SUFFIX = ".multilogit"


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
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A CSV (UTF-8) or Parquet file with a header.")],
    target: Annotated[str, typer.Option("--target", "-t", metavar="COLUMN", help="The column of classes.")],
    C: Annotated[float, typer.Option("--C", help="Inverse strength of the L2 penalty; inf for none.")] = 1.0,
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
        typer.Option("--holdout", min=0.0, max=0.9, help="Share of each class held out for the scores."),
    ] = 0.25,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Of the draw of held-out rows.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="MODEL",
            help="Default: DATA's name with .multilogit, in this directory.",
        ),
    ] = None,
) -> None:
    """Train a model on the rows of a table.

    Numbers are used as they are, texts as levels. Rows with a missing value are left out, and counted.
    """
    if not C > 0:
        raise typer.BadParameter(f"expected a number > 0 or inf, got {C}.", param_hint="--C")
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
    from multilogit import io, table
    from multilogit.cli import display
    from multilogit.cli.failures import refuse_to_overwrite
    from multilogit.cli.reading import MISSING_MARKS, open_table
    from multilogit.table.words import counted

    refuse_to_overwrite(asked.output, asked.data)
    io.check_writable(asked.output)
    marks = (*MISSING_MARKS, *asked.missing)
    file = open_table(asked.data, marks)
    display.heading(f"Read {asked.data}: {counted(file.frame.height, 'row')}, {counted(file.frame.width, 'column')}")
    model = table.train(
        file.for_training(asked.target, asked.categorical),
        asked.target,
        C=asked.C,
        exclude=asked.exclude,
        categorical=asked.categorical,
        weights=asked.weights,
        missing_marks=marks,
        holdout=asked.holdout,
        seed=asked.seed,
        source=file.source,
    )
    io.save(model, asked.output)
    _show(model)
    display.line(f"Wrote {asked.output} ({asked.output.stat().st_size:,} bytes)")
    return model


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
        _show_scores(held_out, model.record.rows_used)


def _show_scores(held_out: "HeldOut", rows_used: int) -> None:
    from multilogit.cli import display, wording
    from multilogit.table.words import counted

    display.heading(
        f"Scores on {counted(held_out.rows, 'held-out row')}, from a fit to the other {held_out.fitted_rows:,}"
    )
    display.table(wording.scores(held_out), header=wording.SCORE_NAMES)
    display.line(wording.verdict(held_out))
    display.line(f"The saved model is fitted to all {counted(rows_used, 'row')}.")
