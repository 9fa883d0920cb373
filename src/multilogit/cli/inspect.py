"""``multilogit inspect``: everything in a model file, in words."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from multilogit.cli.options import AsJson, Model

if TYPE_CHECKING:
    from multilogit.results import Results

__all__ = ["inspect"]

MOST_TERMS = 30
MOST_CLASSES = 8


def inspect(
    model: Model,
    everything: Annotated[bool, typer.Option("--all", help="Show every term and class, however many.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a model file holds.

    Origin, rows, columns, certificate, scores, findings, and the coefficients in the units of the table.
    """
    from multilogit.cli.failures import reported

    with reported():
        from multilogit import io
        from multilogit.results import load

        loaded = load(model)
        if as_json:
            from multilogit.cli import documents

            typer.echo(documents.text("model", documents.model(loaded)))
            return
        _show_origin(loaded, model, io.written_by(model))
        _show_model(loaded)
        _show_coefficients(loaded, everything=everything)


def _show_origin(model: "Results", path: Path, written_by: tuple[tuple[str, str], ...]) -> None:
    from multilogit.cli import display

    when = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    display.heading(f"{path}: softmax regression for {model.model.schema.target}")
    rows = [
        (
            "file",
            f"{path.stat().st_size:,} bytes, last changed {when:%Y-%m-%d %H:%M %z}; its checksum agrees",
        ),
        ("written by", ", ".join(f"{name} {version}" for name, version in written_by)),
    ]
    source = model.model.record.source
    rows.append(("trained on", f"{source.name}, SHA-256 {source.sha256}"))
    display.table(rows)


def _show_model(model: "Results") -> None:
    from multilogit.cli import display
    from multilogit.report import wording

    display.heading("Rows")
    for sentence in wording.rows(model):
        display.line(f"  {sentence}")
    display.heading("Columns")
    display.table(wording.columns(model))
    if marks := [mark for mark in model.model.schema.missing_marks if mark]:
        display.line(f"  In text files, empty values and {', '.join(marks)} are missing values.")
    display.heading("Fit")
    display.table([*wording.fit(model), *wording.certificate(model)])
    if (assessment := model.model.record.assessment) is not None:
        display.heading(wording.how_scored(assessment))
        scores = wording.scores(assessment.comparisons)
        display.table(scores.rows, scores.header, numeric=True)
    if model.findings:
        display.heading("Findings")
        display.table([(each.code, f"{each.found} {each.fix}") for each in model.findings])


def _show_coefficients(model: "Results", *, everything: bool) -> None:
    from multilogit.cli import display

    coef, intercept = model.model.coefficients()
    classes, terms = [str(label) for label in model.classes], model.model.schema.terms
    if len(classes) == 2:
        display.heading(f"Coefficients: log-odds of {classes[1]} against {classes[0]}, per unit of the column")
        classes = classes[1:]
    else:
        display.heading("Coefficients: contribution to the logit of each class, per unit of the column")
    D, K = (len(terms), len(classes)) if everything else (MOST_TERMS, MOST_CLASSES)
    rows = [["intercept", *(f"{value:.6g}" for value in intercept[:K])]]
    for term, values in zip(terms[:D], coef.T[:D], strict=True):
        rows.append([term, *(f"{value:.6g}" for value in values[:K])])
    display.table(rows, ["", *classes[:K]], numeric=True)
    if len(terms) > D or len(classes) > K:
        shown = f"{min(D, len(terms))} of {len(terms)} terms and {min(K, len(classes))} of {len(classes)} classes"
        display.line(f"  These are the first {shown}; --all shows every one.")
