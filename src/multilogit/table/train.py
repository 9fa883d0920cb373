"""The whole way from the rows of a table to a fitted model with its held-out scores."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from multilogit._arrays import Array, Float64
from multilogit._solvers.certificate import Certificate
from multilogit.errors import InputError
from multilogit.estimators import LogisticRegression
from multilogit.table import scores
from multilogit.table.columns import Column, Kind, read_columns, select
from multilogit.table.decide import check_finite, decide, partition, reason_to_leave_out
from multilogit.table.encode import encode
from multilogit.table.holdout import draw
from multilogit.table.model import TableModel
from multilogit.table.record import HeldOut, Source, TrainingRecord
from multilogit.table.schema import LeftOut, Schema
from multilogit.table.target import check_target, labels
from multilogit.table.words import named, unknown_column

__all__ = ["train"]

MOST_REASONS = 6


def train(
    frame: Any,
    target: str,
    *,
    C: float = 1.0,
    exclude: Sequence[str] = (),
    categorical: Sequence[str] = (),
    weights: str | None = None,
    missing_marks: Sequence[str] = (),
    holdout: float = 0.25,
    seed: int = 0,
    source: Source | None = None,
) -> TableModel:
    """Fit a softmax regression to the rows of a table.

    The model is fitted to every complete row. The held-out scores in its record come from another fit, to the
    rows that were not held out.

    Parameters
    ----------
    frame : data frame
        pandas, polars or pyarrow.
    target : str
        The column of classes.
    C : float, default 1.0
        Inverse strength of the L2 penalty; ``inf`` for none.
    exclude : sequence of str
        Columns not to use.
    categorical : sequence of str
        Columns to take as categorical whatever they hold; the target among them: its values are classes.
    weights : str, optional
        A column of weights >= 0; a row of weight 0 is not used.
    missing_marks : sequence of str
        Texts that the file reader took as missing; kept for the reader at prediction.
    holdout : float, default 0.25
        The share of each class to hold out for the scores; 0 for no scores.
    seed : int, default 0
        Of the draw of held-out rows.
    source : Source, optional
        The file of the rows, for the record.

    Returns
    -------
    TableModel

    Raises
    ------
    InputError
        If a named column does not exist, the target holds no classes, a number is infinite, or no complete
        row or no input is left.
    """
    columns = read_columns(frame)
    roles = _Roles(target, tuple(exclude), frozenset(categorical), weights)
    inputs, left_out = _inputs(columns, roles)
    for column in inputs:
        check_finite(column)
    needed = [columns[target], *inputs, *([columns[weights]] if weights is not None else [])]
    rows = _complete_rows(needed)
    weight = columns[weights].values[rows].astype(np.float64) if weights is not None else np.ones(rows.size)
    if not weight.any():
        raise InputError(
            f"the weights {weights!r} are 0 in every complete row, so no row is left to fit; "
            "give the rows that count a weight above 0."
        )
    rows, weight, unweighted = rows[weight > 0], weight[weight > 0], int((weight == 0).sum())
    used = {column.name: select(column, rows) for column in needed}
    forced = target in categorical
    check_target(used[target], forced=forced)
    schema = replace(_schema(used, inputs, left_out, roles, C), missing_marks=tuple(missing_marks))
    X, y = encode(schema, used).X, labels(used[target], forced=forced)
    estimator = _fit(X, y, weight, C)
    estimator.certificate_ = _in_words_of_the_table(estimator.certificate_, schema)
    record = TrainingRecord(
        rows_read=columns[target].missing.size,
        rows_used=rows.size,
        missing=tuple((column.name, int(column.missing.sum())) for column in needed if column.missing.any()),
        unweighted=unweighted,
        class_counts=tuple(np.unique(y, return_counts=True)[1].tolist()),
        held_out=_held_out(X, y, weight, C=C, share=holdout, seed=seed),
        source=source,
    )
    return TableModel(schema, estimator, record)


@dataclass(frozen=True)
class _Roles:
    """The columns that the user named."""

    target: str
    exclude: tuple[str, ...]
    categorical: frozenset[str]
    weights: str | None


def _inputs(columns: Mapping[str, Column], roles: _Roles) -> tuple[list[Column], list[LeftOut]]:
    """Return the columns to learn from, and the others that are neither target nor weights."""
    _check_roles(columns, roles)
    if not columns[roles.target].missing.size:
        raise InputError("the table has no rows.")
    check_target(columns[roles.target], forced=roles.target in roles.categorical)
    free = [column for name, column in columns.items() if name not in {roles.target, roles.weights}]
    asked, excluded = partition(free, lambda c: "you excluded it" if c.name in roles.exclude else None)
    kept, useless = partition(asked, lambda c: reason_to_leave_out(c, forced=c.name in roles.categorical))
    if not kept:
        raise _nothing_left([*excluded, *useless], any(column.kind is Kind.TEXT for column in asked))
    return kept, [*excluded, *useless]


def _nothing_left(left_out: Sequence[LeftOut], has_text: bool) -> InputError:
    """Return the error for a table whose columns are all left out."""
    reasons = [f"{column.name!r}: {column.reason}" for column in left_out]
    more = f"; and {len(reasons) - MOST_REASONS} more" if len(reasons) > MOST_REASONS else ""
    told = "; ".join(reasons[:MOST_REASONS]) + more or "the table has only the target"
    remedy = " Free text is not an input: make columns of numbers or of few levels of it first." if has_text else ""
    return InputError(f"no column is left to learn from ({told}).{remedy}")


def _check_roles(columns: Mapping[str, Column], roles: _Roles) -> None:
    named_columns = [(roles.target, "the target"), *((name, "to exclude") for name in roles.exclude)]
    named_columns += [(name, "to take as categorical") for name in sorted(roles.categorical)]
    if roles.weights is not None:
        named_columns.append((roles.weights, "the weights"))
    for name, role in named_columns:
        if name not in columns:
            raise unknown_column(name, columns, role)
    inputs = {*roles.exclude, *roles.categorical}
    if roles.target in {*roles.exclude, roles.weights}:
        raise InputError(f"column {roles.target!r} is the target and cannot have another role.")
    if roles.weights is not None:
        if roles.weights in inputs:
            raise InputError(f"column {roles.weights!r} holds the weights and cannot have another role.")
        _check_weights(columns[roles.weights])


def _check_weights(column: Column) -> None:
    if column.kind is not Kind.NUMBERS:
        raise InputError(f"the weights {column.name!r} hold {column.kind.value}; expected numbers >= 0.")
    check_finite(column)
    if (negative := ~column.missing & (column.values < 0)).any():
        row = int(negative.argmax())
        raise InputError(
            f"the weights {column.name!r} are negative in row {row + 1} ({column.values[row]}); expected numbers >= 0."
        )


def _complete_rows(needed: Sequence[Column]) -> Array:
    """Return the rows without a missing value in a needed column."""
    missing = np.any([column.missing for column in needed], axis=0)
    if missing.all():
        worst = max(needed, key=lambda column: int(column.missing.sum()))
        raise InputError(
            f"no row is complete: each of the {missing.size:,} rows misses a value, {worst.missing.sum():,} "
            f"of them in column {worst.name!r}. Exclude the columns that are mostly empty."
        )
    return np.flatnonzero(~missing)


def _schema(
    used: Mapping[str, Column], inputs: Sequence[Column], left_out: Sequence[LeftOut], roles: _Roles, C: float
) -> Schema:
    """Decide the treatments from the rows used, where further columns may have become constant."""
    kept, constant = partition((used[column.name] for column in inputs), partial(reason_to_leave_out, forced=True))
    if not kept:
        raise InputError(
            f"no column is left to learn from: {named(c.name for c in constant)} are constant in the complete rows."
        )
    treatments = tuple(
        decide(column, forced=column.name in roles.categorical, has_reference=bool(np.isinf(C))) for column in kept
    )
    return Schema(roles.target, treatments, (*left_out, *constant), roles.weights)


def _in_words_of_the_table(certificate: Certificate, schema: Schema) -> Certificate:
    """Name the aliased columns by their terms; the estimator saw an array and names them x0, x1, ..."""
    terms = {f"x{place}": term for place, term in enumerate(schema.terms)}
    return replace(certificate, aliased=tuple(terms[name] for name in certificate.aliased))


def _held_out(X: Float64, y: Array, weight: Float64, *, C: float, share: float, seed: int) -> HeldOut | None:
    """Score a fit to some of the rows on the others; None if no rows are held out."""
    held = draw(y, share, seed)
    if not held.any():
        return None
    classes, codes = np.unique(y, return_inverse=True)
    shares = scores.class_shares(codes[~held], classes.size, weight[~held])
    estimator = _fit_for_scores(X[~held], y[~held], weight[~held], C)
    log_P = estimator.predict_log_proba(X[held])
    prior = np.broadcast_to(np.log(shares), log_P.shape)
    return HeldOut(
        share=share,
        seed=seed,
        rows=int(held.sum()),
        fitted_rows=int((~held).sum()),
        log_loss=scores.log_loss(codes[held], log_P, weight[held]),
        accuracy=scores.accuracy(codes[held], log_P, weight[held]),
        prior_log_loss=scores.log_loss(codes[held], prior, weight[held]),
        prior_accuracy=scores.accuracy(codes[held], prior, weight[held]),
        status=estimator.certificate_.status,
        separated=estimator.certificate_.separated,
    )


def _fit(X: Float64, y: Array, weight: Float64, C: float) -> LogisticRegression:
    with warnings.catch_warnings():
        # scikit-learn asks whether so many classes are a quantity; `check_target` has answered for all rows.
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        return LogisticRegression(C=C).fit(X, y, sample_weight=weight)


def _fit_for_scores(X: Float64, y: Array, weight: Float64, C: float) -> LogisticRegression:
    """Fit, and say of each warning that it concerns the scores and not the model."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator = _fit(X, y, weight, C)
    for warning in caught:
        warnings.warn(f"in the fit for the held-out scores: {warning.message}", warning.category, stacklevel=4)
    return estimator
