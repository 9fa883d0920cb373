"""What not to trust: coded findings with numbers, why they matter and what to do; every threshold in one table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import sparse

from multilogit._arrays import Float64, Integers
from multilogit.errors import InputError, Status
from multilogit.inference import Comparison
from multilogit.table.assess import Assessment
from multilogit.table.columns import Column, level_texts
from multilogit.table.decide import Decision
from multilogit.table.fitting import Fitted
from multilogit.table.rows import Rows
from multilogit.table.words import named

__all__ = ["CODES", "THRESHOLDS", "Finding", "Threshold", "check_codes", "find", "not_better", "used_only"]

CODES = MappingProxyType(
    {
        "ML101": "constant column",
        "ML102": "column that names the rows",
        "ML201": "rare class",
        "ML301": "separated classes",
        "ML303": "collinear columns",
        "ML304": "optimum not proved",
        "ML305": "C at the edge of its scale",
        "ML401": "not better than the classes' shares",
        "ML402": "training far better than other rows",
        "ML403": "miscalibrated",
    }
)


@dataclass(frozen=True)
class Threshold:
    """Where a finding begins: ``meaning`` says what the value is of."""

    code: str
    value: float
    meaning: str


THRESHOLDS = MappingProxyType(
    {
        "rare_rows": Threshold("ML201", 10, "a class of fewer rows"),
        "correlation": Threshold("ML303", 0.99, "the correlation of two terms, in size"),
        "correlated_terms": Threshold("ML303", 1_000, "correlations of more terms are not worked out"),
        "training_gap": Threshold("ML402", 0.2, "held-out less training log loss, as a share of the prior's"),
        "calibration_error": Threshold("ML403", 0.05, "the mean difference of confidence and share right, and"),
        "calibration_p": Threshold("ML403", 0.01, "the p-value of the hypothesis that there is none"),
    }
)

# The worst first: what makes the model useless, then what makes numbers doubtful, then what was put in order already.
_ORDER = ("ML401", "ML304", "ML301", "ML403", "ML402", "ML305", "ML201", "ML303", "ML102", "ML101")

_FEW = 3  # examples that a finding names
_TOGETHER = 10_000  # rows whose logits are held at a time


@dataclass(frozen=True)
class Finding:
    """One finding: what was found, why it matters, and what to do about it."""

    code: str
    found: str
    why: str
    fix: str


def check_codes(codes: Iterable[str]) -> frozenset[str]:
    """Return the codes to ignore.

    Raises
    ------
    InputError
        If one of them is no code.
    """
    asked = frozenset(codes)
    if unknown := sorted(asked - set(CODES)):
        raise InputError(f"{unknown[0]!r} is no code of a finding; there are {', '.join(CODES)}.")
    return asked


def find(
    rows: Rows, decisions: Sequence[Decision], fitted: Fitted, assessment: Assessment | None
) -> tuple[Finding, ...]:
    """Return all findings, the worst first."""
    found = [
        *_of_columns(decisions),
        *_of_classes(rows),
        *_of_separation(rows, fitted),
        *_of_collinearity(fitted),
        *_of_the_fit(fitted),
        *(_of_scores(assessment) if assessment is not None else []),
    ]
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.code)))


def _of_columns(decisions: Sequence[Decision]) -> Iterator[Finding]:
    for code, why in (
        ("ML101", "A constant column tells no rows apart."),
        ("ML102", "What names a row in this table says nothing about the rows of another."),
    ):
        columns = [each.column for each in decisions if each.finding == code and not each.by_user]
        if columns:
            fix = "It is left out already; to use it all the same, name its type (--categorical, --numeric or --text)."
            yield Finding(code, f"{named(columns, 4)}: dropped ({_reason(decisions, columns[0])}).", why, fix)


def _reason(decisions: Sequence[Decision], column: str) -> str:
    return next(each.reason for each in decisions if each.column == column)


def _of_classes(rows: Rows) -> Iterator[Finding]:
    counts = np.bincount(rows.codes, minlength=len(rows.classes))
    rare = np.flatnonzero(counts < THRESHOLDS["rare_rows"].value)
    if len(rare):
        told = ", ".join(f"{rows.classes[k]} {counts[k]:,}" for k in rare[np.argsort(counts[rare])][:4].tolist())
        more = f" and {len(rare) - 4} more classes" if len(rare) > 4 else ""
        yield Finding(
            "ML201",
            f"Few rows: {told}{more}.",
            "Neither coefficients nor scores of such a class are known well; one with a single row is never scored.",
            "Collect more rows of it, or merge it with another class.",
        )


def _of_separation(rows: Rows, fitted: Fitted) -> Iterator[Finding]:
    """Where a fit puts every row of two classes on its own side, nothing bounds their coefficients but the penalty."""
    estimator = fitted.estimator
    pairs = list(fitted.separated) or _separated_pairs(rows, fitted)
    if not pairs:
        return
    told = "; ".join(f"{rows.classes[a]} from {rows.classes[b]}" for a, b in pairs[:_FEW])
    K = len(estimator.classes_)
    more = f", ... ({len(pairs):,} of {K * (K - 1) // 2:,} pairs of classes)" if len(pairs) > _FEW else ""
    endless = np.isinf(estimator.C)
    yield Finding(
        "ML301",
        f"The columns separate classes perfectly in these rows: {told}{more}.{_alone(rows, pairs)}",
        "No finite optimum exists; the coefficients are those of the last step."
        if endless
        else "Without a penalty no finite optimum would exist: C alone bounds the coefficients, and how sure the "
        "probabilities are.",
        "Use a finite C." if endless else "Look whether a column gives the class away; if none does, keep C finite.",
    )


def _separated_pairs(rows: Rows, fitted: Fitted) -> list[tuple[int, int]]:
    """Return the pairs of classes whose rows all lie on their own sides, with room between."""
    estimator, X = fitted.estimator, fitted.design.X
    classes = np.asarray(estimator.classes_)
    places = np.searchsorted(classes, rows.codes)
    least = np.full((len(classes), len(classes)), np.inf)
    for start in range(0, len(places), _TOGETHER):
        some = slice(start, start + _TOGETHER)
        scores = estimator.decision_function(X[some])
        Z = np.column_stack([np.zeros(len(scores)), scores]) if scores.ndim == 1 else scores
        own = places[some]
        np.minimum.at(least, own, Z[np.arange(len(Z)), own][:, None] - Z)
    both = (least > 0) & (least.T > 0)
    return [(int(classes[a]), int(classes[b])) for a, b in zip(*np.nonzero(np.triu(both, 1)), strict=True)]


def _alone(rows: Rows, pairs: Sequence[tuple[int, int]]) -> str:
    """Return, in words, the column that separates the most of the pairs by itself."""
    counts = {column.name: _parted(column, role, rows, pairs) for column, role in rows.columns if role != "text"}
    most = max(counts, key=lambda name: counts[name], default="")
    if not counts or not counts[most]:
        return ""
    return f" Column {most!r} does so by itself for {'all' if counts[most] == len(pairs) else counts[most]} of them."


def _parted(column: Column, role: str, rows: Rows, pairs: Sequence[tuple[int, int]]) -> int:
    """Return how many pairs of classes have no value of a column in common: no level, or no part of a range."""
    a, b = np.array(pairs).T
    K, present = len(rows.classes), ~column.missing
    codes = rows.codes[present]
    if role == "numeric":
        low, high = np.full(K, np.inf), np.full(K, -np.inf)
        np.minimum.at(low, codes, column.values[present])
        np.maximum.at(high, codes, column.values[present])
        apart = (high[a] < low[b]) | (high[b] < low[a])
    else:
        levels, level = np.unique(level_texts(column)[present].astype(np.str_), return_inverse=True)
        held = np.zeros((K, len(levels)))
        held[codes, level] = 1.0
        apart = (held @ held.T)[a, b] == 0
    known = np.bincount(codes, minlength=K) > 0
    return int((apart & known[a] & known[b]).sum())


def _of_collinearity(fitted: Fitted) -> Iterator[Finding]:
    aliased, X = fitted.estimator.certificate_.aliased, fitted.design.X
    terms = fitted.schema.terms
    if np.isinf(fitted.estimator.C) and aliased:
        names = [terms[int(name[1:])] for name in aliased]  # the estimator saw an array, whose columns are x0, x1, ...
        told = f"{named(names, 4)} depend on the other columns."
    elif sparse.issparse(X) or X.shape[1] > THRESHOLDS["correlated_terms"].value:
        return
    else:
        own = [j for j, term in enumerate(terms) if not term.endswith("(missing)")]  # marks of one lost form agree
        spans = [place for _, place in fitted.schema.spans]
        column = np.concatenate([np.full(place.stop - place.start, j) for j, place in enumerate(spans)])
        if (pair := _most_correlated(X[:, own], column[own])) is None:
            return
        told = f"{terms[own[pair[0]]]!r} and {terms[own[pair[1]]]!r} have a correlation of {pair[2]:.4f}."
    yield Finding(
        "ML303",
        told,
        "What each of them does to the classes cannot be told apart; the predictions are not harmed.",
        "Read their effects together, or drop one of them.",
    )


def _most_correlated(X: Float64, column: Integers) -> tuple[int, int, float] | None:
    """Return the two terms of different columns whose correlation is largest in size, if beyond the threshold."""
    Z = X - X.mean(axis=0)
    norm = np.sqrt(np.square(Z).sum(axis=0))
    Z = np.divide(Z, norm, out=np.zeros_like(Z), where=norm > 0)
    R = np.where(column[:, None] != column, np.triu(Z.T @ Z, 1), 0.0)  # levels of one column exclude each other
    if not R.size:
        return None
    a, b = np.unravel_index(int(np.abs(R).argmax()), R.shape)
    r = float(R[a, b])
    return (int(a), int(b), r) if abs(r) > THRESHOLDS["correlation"].value else None


def _of_the_fit(fitted: Fitted) -> Iterator[Finding]:
    certificate, choice = fitted.estimator.certificate_, fitted.choice
    if certificate.status not in {Status.CONVERGED, Status.SEPARATED}:
        yield Finding(
            "ML304",
            f"The fit is proved to within a relative gap of {certificate.relative_gap:.1e} only.",
            "Its coefficients may be far from the optimum's.",
            "Use a smaller C.",
        )
    if choice is not None and choice.edge is not None:
        fix = "Look for columns that say more." if choice.edge == "lowest" else "Set C yourself, or inf for no penalty."
        yield Finding(
            "ML305",
            f"The best C, {choice.C:.3g}, is the {choice.edge} of {len(choice.Cs)} values tried.",
            "The columns help so little that ever stronger shrinkage is better."
            if choice.edge == "lowest"
            else "The penalty only does harm here, or classes are separated.",
            fix,
        )


def not_better(loss: Comparison) -> bool:
    """Return whether a model may be no better than the baseline: by its interval, or by the difference without one."""
    return not (loss.high if loss.has_interval else loss.difference) < 0


def _of_scores(assessment: Assessment) -> Iterator[Finding]:
    loss, r = assessment.metric("log_loss"), assessment.reliability
    if not_better(loss):
        interval = f"95% interval {loss.low:+.4f} to {loss.high:+.4f}" if loss.has_interval else "too few rows to tell"
        yield Finding(
            "ML401",
            f"The log loss is {loss.model:.4f}, that of the classes' shares alone {loss.baseline:.4f} "
            f"(difference {loss.difference:+.4f}, {interval}).",
            "On rows that it has not seen, its probabilities may be worth no more than the classes' shares"
            + (", though its classes are right more often." if assessment.metric("accuracy").low > 0 else "."),
            "Do not use its probabilities before you have other columns or more rows.",
        )
    gap = loss.model - assessment.training_log_loss
    if gap > THRESHOLDS["training_gap"].value * loss.baseline:
        yield Finding(
            "ML402",
            f"The log loss is {assessment.training_log_loss:.4f} on the rows that were fitted, and {loss.model:.4f} on "
            "others.",
            "The model has learnt these rows by heart.",
            "Use a smaller C, fewer columns or more rows; look for a column that gives the class away.",
        )
    if r.error > THRESHOLDS["calibration_error"].value and r.p_value < THRESHOLDS["calibration_p"].value:
        yield Finding(
            "ML403",
            f"Predictions claim {np.average(r.confidence, weights=r.weight):.1%} on the average and are right in "
            f"{np.average(r.right, weights=r.weight):.1%}; bin by bin the two differ by {100 * r.error:.1f} percentage "
            f"points (p = {r.p_value:.2g}).",
            "A probability of 80% does not come true in 80% of the rows.",
            "Use the probabilities as a ranking only; a smaller C makes them less sure, a larger one more.",
        )


def used_only(findings: Sequence[Finding], ignored: frozenset[str]) -> tuple[Finding, ...]:
    """Return the findings that nobody asked to ignore."""
    return tuple(each for each in findings if each.code not in ignored)
