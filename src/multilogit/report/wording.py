"""The numbers of a model in words; the terminal, the page and `print(results)` say them alike."""

from collections.abc import Iterator, Sequence
from math import isfinite, isinf

import numpy as np

from multilogit.inference import Comparison, Effect
from multilogit.report.section import Table
from multilogit.table import Trained
from multilogit.table.assess import Assessment
from multilogit.table.columns import level_text
from multilogit.table.encoding import Text
from multilogit.table.words import counted

__all__ = [
    "METRICS",
    "TRAINING_DATA",
    "certificate",
    "columns",
    "effects",
    "fit",
    "how_scored",
    "label",
    "largest_classes",
    "number",
    "of_how_many",
    "rows",
    "scores",
]

METRICS = {
    "log_loss": "log loss",
    "brier": "Brier score",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
}
TRAINING_DATA = "These are the rows that the model was fitted to: the scores say nothing about other rows."
_MOST_CLASSES = 20
_MOST_NUMERIC = 24


def number(value: float) -> str:
    """Return a number in few digits, without a point where it is whole.

    Examples
    --------
    >>> number(1.0), number(float("inf")), number(0.00123456)
    ('1', 'inf', '0.00123456')
    """
    return f"{value:g}"


def label(value: object) -> str:
    """Return a class as text: whole numbers without a point."""
    return level_text(value)


def rows(trained: Trained) -> Iterator[str]:
    """Yield the sentences on the rows that were used and those that were not."""
    record = trained.model.record
    yield f"Used {record.rows_used:,} of {counted(record.rows_read, 'row')}"
    for why, count in record.left_out:
        yield f"Left out {counted(count, 'row')} with {why}"
    counts = [f"{label(each)} {count:,}" for each, count in zip(trained.classes, record.class_counts, strict=True)]
    more = f" and {len(counts) - _MOST_CLASSES} more" if len(counts) > _MOST_CLASSES else ""
    yield f"Classes of {trained.model.schema.target}: {', '.join(counts[:_MOST_CLASSES])}{more}"


def columns(trained: Trained) -> tuple[tuple[str, str], ...]:
    """Return each column's name and how it is taken; of many numeric columns, the first and last."""
    described = {each.name: each.describe() for each in trained.model.schema.columns}
    numeric = [each.column for each in trained.decisions if each.role == "numeric"]
    joined = frozenset(numeric[1:-1] if len(numeric) > _MOST_NUMERIC else ())
    taken = [
        (each.column, described.get(each.column, f"{each.role}: {each.reason}"))
        for each in trained.decisions
        if each.column not in joined and each.role != "target"
    ]
    if joined:
        place = [name for name, _ in taken].index(numeric[0]) + 1
        taken.insert(place, ("...", f"numeric, standardised: {len(joined)} more columns"))
    return tuple(taken)


def fit(trained: Trained) -> tuple[tuple[str, str], ...]:
    """Return what was fitted, how, and how far from the optimum it can be."""
    estimator, choice = trained.model.estimator, trained.model.record.choice
    K, D = len(trained.classes), len(trained.model.schema.terms)
    penalty = "no penalty (C = inf)" if isinf(estimator.C) else f"L2 penalty with C = {estimator.C:.3g}"
    chosen = f", the best of {len(choice.Cs)} by cross-validated log loss" if choice is not None else ""
    return (
        ("model", f"softmax regression, {counted(K, 'class')}, {counted(D, 'term')}, {penalty}{chosen}"),
        ("solver", f"{estimator.solver_}, {counted(int(estimator.n_iter_[0]), 'iteration')}"),
        ("certificate", trained.certificate.verdict()),
    )


def how_scored(assessment: Assessment) -> str:
    """Return what the scores are of."""
    of = counted(assessment.rows, "row")
    if assessment.parts == 1:
        return f"Scores on {of} held out, by a fit to the others"
    return f"Scores by {assessment.parts}-fold cross-validation on {of}; the intervals are approximate"


def of_how_many(trained: Trained) -> str:
    """Return which columns an effect can be told of."""
    taken = trained.model.schema.columns
    texts = [each.name for each in taken if isinstance(each, Text)]
    free = f" Free text has no such change ({', '.join(texts[:4])})." if texts else ""
    return f"The strongest of {counted(len(taken) - len(texts), 'column')}.{free}"


def scores(found: Sequence[Comparison]) -> Table:
    """Return the metrics beside those of the baseline."""
    header = ("", "model", "prior only", "difference", "95% interval")
    return Table(
        header,
        tuple(
            (
                METRICS[each.metric],
                f"{each.model:.4f}",
                f"{each.baseline:.4f}",
                f"{each.difference:+.4f}",
                f"{each.low:+.4f} to {each.high:+.4f}" if each.has_interval else "too few to tell",
            )
            for each in found
        ),
    )


def effects(trained: Trained, found: Sequence[Effect], most_classes: int) -> Table:
    """Return changes in percentage points, of the largest classes."""
    chosen = largest_classes(trained, most_classes)
    header = ("", "change", *(label(trained.classes[k]) for k in chosen))
    cells = ((each.column, each.contrast, *(f"{100 * each.change[k]:+.1f}" for k in chosen)) for each in found)
    return Table(header, tuple(cells))


def largest_classes(trained: Trained, most: int) -> list[int]:
    """Return the places of the classes with the most rows, in order."""
    order = np.argsort(-np.array(trained.model.record.class_counts), kind="stable")[:most]
    return sorted(order.tolist())


def certificate(trained: Trained) -> tuple[tuple[str, str], ...]:
    """Return what the verdict leaves out."""
    found, estimator = trained.certificate, trained.model.estimator
    rank = "not determined" if found.rank is None else f"{found.rank} of {len(trained.model.schema.terms)}"
    if found.aliased:
        harmless = "" if isinf(estimator.C) else " (harmless with a penalty)"
        shown = ", ".join(found.aliased[:_MOST_CLASSES])
        rank += f"; depend on the others: {shown}{' and more' * (len(found.aliased) > _MOST_CLASSES)}{harmless}"
    bound = (
        f"at most {found.gap:.2g} above the optimum" if isfinite(found.gap) else "its distance to an optimum is unknown"
    )
    condition = "not determined" if found.condition is None else f"{found.condition:.2g}"
    return (
        ("status", found.status.value.partition(";")[0]),  # after it stands advice for Python
        ("objective", f"{found.objective:.10g}, {bound}"),
        ("gradient", f"largest entry {found.gradient_norm:.2g}"),
        ("rank", rank),
        ("condition", condition),
    )
