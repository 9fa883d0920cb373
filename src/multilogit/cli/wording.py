"""How a model is told in words; shared by the commands that show one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isfinite, isinf
from os import PathLike

from multilogit.cli.escape import shell_word
from multilogit.errors import Status
from multilogit.table import Categorical, HeldOut, Numeric, Schema, TableModel
from multilogit.table.words import counted

__all__ = ["SCORE_NAMES", "certificate", "columns", "command", "fit", "number", "rows", "scores", "verdict", "warnings"]

SCORE_NAMES = ("", "log loss", "accuracy")
MOST_CLASSES = 20
MOST_NUMERIC = 24
MOST_PAIRS = 6


def number(value: float) -> str:
    """Return a number in few digits, without a point where it is whole.

    Examples
    --------
    >>> number(1.0), number(float("inf")), number(0.00123456)
    ('1', 'inf', '0.00123456')
    """
    return f"{value:g}"


def command(*words: str | PathLike[str]) -> str:
    """Return a command line of multilogit as a shell reads it; a path that begins with a dash is no option.

    Examples
    --------
    >>> from pathlib import Path
    >>> command("inspect", Path("-my model.multilogit"))
    "multilogit inspect './-my model.multilogit'"
    """
    plain = [f"./{word}" if isinstance(word, PathLike) and str(word).startswith("-") else str(word) for word in words]
    return " ".join(map(shell_word, ["multilogit", *plain]))


def rows(model: TableModel) -> Iterable[str]:
    """Yield the sentences on the rows that were used and those that were not."""
    record, schema = model.record, model.schema
    used, incomplete = record.rows_used, record.rows_read - record.rows_used - record.unweighted
    yield f"Used {used:,} of {counted(record.rows_read, 'row')}"
    if incomplete:
        gaps = ", ".join(f"{name} {count:,}" for name, count in record.missing)
        yield f"Left out {counted(incomplete, 'row')} with missing values ({gaps})"
    if record.unweighted:
        yield f"Left out {counted(record.unweighted, 'row')} of weight 0 ({schema.weights})"
    classes = model.estimator.classes_.tolist()
    counts = [f"{label} {count:,}" for label, count in zip(classes, record.class_counts, strict=True)]
    more = f" and {len(counts) - MOST_CLASSES} more" if len(counts) > MOST_CLASSES else ""
    yield f"Classes of {schema.target}: {', '.join(counts[:MOST_CLASSES])}{more}"


def columns(schema: Schema) -> list[tuple[str, str]]:
    """Return each column's name and how it is taken; of many numeric columns, the first and last."""
    numeric = [column.name for column in schema.columns if isinstance(column, Numeric)]
    joined = frozenset(numeric[1:-1] if len(numeric) > MOST_NUMERIC else ())
    taken = [(column.name, column.describe()) for column in schema.columns if column.name not in joined]
    if joined:
        place = [name for name, _ in taken].index(numeric[0]) + 1
        taken.insert(place, ("...", f"numeric: {len(joined)} more columns"))
    weights = [(schema.weights, "weights of the rows")] if schema.weights is not None else []
    return [*taken, *weights, *((column.name, f"left out: {column.reason}") for column in schema.left_out)]


def fit(model: TableModel) -> list[tuple[str, str]]:
    """Return what was fitted, how, and the certificate."""
    estimator = model.estimator
    K, D = len(estimator.classes_), len(model.schema.terms)
    penalty = "no penalty (C = inf)" if isinf(estimator.C) else f"L2 penalty, C = {number(estimator.C)}"
    return [
        ("model", f"softmax regression, {counted(K, 'class')}, {counted(D, 'term')}, {penalty}"),
        ("solver", f"{estimator.solver_}, {counted(int(estimator.n_iter_[0]), 'iteration')}"),
        ("certificate", replace(estimator.certificate_, aliased=_aliased(model)).summary()),
    ]


def _aliased(model: TableModel) -> tuple[str, ...]:
    """Return the terms that depend on others, save one of each column whose levels all have a term.

    Those terms add up to one in every row, so one of them is aliased by the coding, whatever the data.
    """
    found = model.estimator.certificate_.aliased
    coded = [c.terms for c in model.schema.columns if isinstance(c, Categorical) and not c.has_reference]
    expected = {next((term for term in found if term in terms), None) for terms in coded}
    return tuple(term for term in found if term not in expected)


def certificate(model: TableModel) -> list[tuple[str, str]]:
    """Return what the certificate's line leaves out."""
    found = model.estimator.certificate_
    rank = "not determined" if found.rank is None else f"{found.rank} of {len(model.schema.terms)}"
    if found.aliased:
        harmless = "" if isinf(model.estimator.C) else " (harmless with a penalty)"
        rank += f"; depend on the others: {', '.join(found.aliased)}{harmless}"
    bound = (
        f"at most {found.gap:.2g} above the optimum" if isfinite(found.gap) else "its distance to an optimum is unknown"
    )
    condition = "not determined" if found.condition is None else f"{found.condition:.2g}"
    return [
        ("status", found.status.value.partition(";")[0]),  # after it stands advice for Python
        ("objective", f"{found.objective:.10g}, {bound}"),
        ("gradient", f"largest entry {found.gradient_norm:.2g}"),
        ("rank", rank),
        ("condition", condition),
    ]


def scores(held_out: HeldOut) -> list[tuple[str, str, str]]:
    """Return the rows of the table of scores."""
    return [
        ("the fit", f"{held_out.log_loss:.4f}", f"{held_out.accuracy:.4f}"),
        ("classes' shares alone", f"{held_out.prior_log_loss:.4f}", f"{held_out.prior_accuracy:.4f}"),
    ]


def verdict(held_out: HeldOut, C: float) -> str:
    """Return whether the fit beats the shares of the classes, in words."""
    gain = held_out.prior_log_loss - held_out.log_loss
    if f"{abs(gain):.4f}" == "0.0000":
        return "The log loss is that of the classes' shares alone: on these rows the columns did not help."
    if gain > 0:
        return f"The log loss is {gain:.4f} below that of the classes' shares alone."
    worse = f"The log loss is {-gain:.4f} above that of the classes' shares alone"
    if held_out.accuracy > held_out.prior_accuracy:
        cure = "a finite" if isinf(C) else "a smaller"
        return f"{worse}, though the accuracy is higher: the fit is overconfident; the cure is {cure} --C."
    return f"{worse}: on these rows the columns did not help."


def warnings(model: TableModel) -> Iterable[str]:
    """Yield what is wrong with the saved fit and with that for the held-out scores, and which option mends it."""
    found, held_out, C = model.estimator.certificate_, model.record.held_out, model.estimator.C
    fits = [("the saved fit", _fault(found.status, found.separated, C))]
    if held_out is not None:
        fits.append(("the fit for the held-out scores", _fault(held_out.status, held_out.separated, C)))
    for fault in dict.fromkeys(fault for _, fault in fits if fault):
        yield f"{' and '.join(name for name, its in fits if its == fault)}: {fault}"


def _fault(status: Status, separated: Sequence[tuple[object, object]], C: float) -> str | None:
    if status is Status.CONVERGED:
        return None
    if status is Status.SEPARATED:
        more = f" and {len(separated) - MOST_PAIRS} more pairs" if len(separated) > MOST_PAIRS else ""
        pairs = ", ".join(f"{a} from {b}" for a, b in separated[:MOST_PAIRS])
        return (
            f"the columns separate classes perfectly ({pairs}{more}), so without a penalty no finite optimum exists "
            "and the coefficients grow without bound; use a finite --C, or --exclude the column that gives the "
            "class away."
        )
    if isinf(C):
        return "neither a finite optimum nor a separation could be proved; use a finite --C."
    return (
        f"the optimum could not be proved, because --C {number(C)} is too large for these columns; use a smaller --C."
    )
