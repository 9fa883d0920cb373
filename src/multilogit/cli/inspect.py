"""``multilogit inspect``: everything in a model file, in words."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from multilogit.table import TableModel

__all__ = ["inspect"]

MOST_TERMS = 30
MOST_CLASSES = 8


def inspect(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", readable=False, help="A file that `multilogit train` wrote.")
    ],
    everything: Annotated[bool, typer.Option("--all", help="Show every term and class, however many.")] = False,
) -> None:
    """Show what a model file holds: columns, coefficients, certificate, scores and origin."""
    from multilogit.cli.failures import reported

    with reported():
        from multilogit import io

        loaded = io.load(model)
        _show_origin(loaded, model, io.written_by(model))
        _show_model(loaded)
        _show_coefficients(loaded, everything=everything)


def _show_origin(model: "TableModel", path: Path, written_by: tuple[tuple[str, str], ...]) -> None:
    from multilogit.cli import display

    when = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    display.heading(f"{path}: softmax regression for {model.schema.target}")
    rows = [
        (
            "file",
            f"{path.stat().st_size:,} bytes, last changed {when:%Y-%m-%d %H:%M %z}; its checksum agrees",
        ),
        ("written by", ", ".join(f"{name} {version}" for name, version in written_by)),
    ]
    if (source := model.record.source) is not None:
        rows.append(("trained on", f"{source.name}, SHA-256 {source.sha256}"))
    display.table(rows)


def _show_model(model: "TableModel") -> None:
    from multilogit.cli import display, wording
    from multilogit.table.words import counted

    display.heading("Rows")
    for sentence in wording.rows(model):
        display.line(f"  {sentence}")
    display.heading("Columns")
    display.table(wording.columns(model.schema))
    if marks := [mark for mark in model.schema.missing_marks if mark]:
        display.line(f"  In text files, empty values and {', '.join(marks)} are missing values.")
    display.heading("Fit")
    display.table([*wording.fit(model), *wording.certificate(model)])
    if (held_out := model.record.held_out) is not None:
        display.heading(
            f"Scores on {counted(held_out.rows, 'held-out row')} ({held_out.share:.0%} of each class, "
            f"seed {held_out.seed}), from a fit to the other {held_out.fitted_rows:,}"
        )
        display.table(wording.scores(held_out), header=wording.SCORE_NAMES)


def _show_coefficients(model: "TableModel", *, everything: bool) -> None:
    from multilogit.cli import display

    estimator = model.estimator
    classes, terms = [str(label) for label in estimator.classes_.tolist()], model.schema.terms
    if len(classes) == 2:
        display.heading(f"Coefficients: log-odds of {classes[1]} against {classes[0]}, per unit of the column")
        classes = classes[1:]
    else:
        display.heading("Coefficients: contribution to the logit of each class, per unit of the column")
    D, K = (len(terms), len(classes)) if everything else (MOST_TERMS, MOST_CLASSES)
    rows = [["intercept", *(f"{value:.6g}" for value in estimator.intercept_[:K])]]
    for term, values in zip(terms[:D], estimator.coef_.T[:D], strict=True):
        rows.append([term, *(f"{value:.6g}" for value in values[:K])])
    display.table(rows, header=["", *classes[:K]])
    if len(terms) > D or len(classes) > K:
        shown = f"{min(D, len(terms))} of {len(terms)} terms and {min(K, len(classes))} of {len(classes)} classes"
        display.line(f"  These are the first {shown}; --all shows every one.")
