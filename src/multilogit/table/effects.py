"""What moves the answer: the average change of every class's probability when one column changes."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

import numpy as np
from scipy import sparse

from multilogit._arrays import Float64
from multilogit.inference import Effect, average_change
from multilogit.table.encode import crossed
from multilogit.table.encoding import Boolean, Categorical, Encoding, Numeric
from multilogit.table.fitting import Fitted
from multilogit.table.rows import Rows
from multilogit.table.schema import values_of

__all__ = ["effects", "full"]

_MOST_ROWS = 5_000  # beyond, every so many-th row stands for the others
_MOST_COLUMNS = 50  # those whose coefficients are widest
_MOST_LEVELS = 20  # of a column


def effects(rows: Rows, fitted: Fitted) -> tuple[Effect, ...]:
    """Return the effects of the columns, of each its strongest, the strongest column first.

    A number grows by a standard deviation from what it is; a boolean from false to true; a level from the
    most frequent one. Free text has no such change. Where a column stands in products, these change with it.
    """
    some = slice(None, None, max(len(rows.codes) // _MOST_ROWS, 1))
    coef = full(fitted.estimator.coef_).T
    X, weight = fitted.design.X[some], rows.weight[some]
    Z = np.asarray(X @ coef) + full(fitted.estimator.intercept_[:, None]).T
    found = []
    for encoding in _widest(fitted, coef):
        span = dict(fitted.schema.spans)[(encoding.name,)]
        own = _dense(X[:, span])
        each = []
        for words, low, high in _contrasts(encoding, own, weight):
            added = [_change(fitted, coef, X, encoding.name, terms) for terms in (low, high)]
            each.append(Effect(encoding.name, words, tuple(average_change(Z, weight, *added).tolist())))
        if each:
            found.append(max(each, key=lambda effect: effect.strength))
    return tuple(sorted(found, key=lambda effect: -effect.strength))


def full(free: Float64) -> Float64:
    """Return an array with a row per class (K, ...): of two classes the first has none of its own, and is zero."""
    free = np.asarray(free, dtype=np.float64)
    return np.concatenate([np.zeros_like(free), free]) if len(free) == 1 else free


def _dense(block: Any) -> Float64:
    return np.asarray(block.toarray() if sparse.issparse(block) else block)


def _widest(fitted: Fitted, coef: Float64) -> list[Encoding]:
    """Return the columns with the widest coefficients."""
    spans = dict(fitted.schema.spans)
    found = []
    for encoding in fitted.schema.columns:
        own = coef[spans[(encoding.name,)]]
        if len(own) and isinstance(encoding, (Numeric, Boolean, Categorical)):
            found.append((float(np.ptp(own, axis=1).max()), encoding))
    return [encoding for _, encoding in sorted(found, key=lambda each: -each[0])[:_MOST_COLUMNS]]


def _change(fitted: Fitted, coef: Float64, X: Any, name: str, terms: Float64) -> Float64:
    """Return what is added to the logits (N, K) where a column has other terms (N, T) than its own."""
    spans, own = dict(fitted.schema.spans), {each.name: each for each in fitted.schema.columns}
    place = spans[(name,)]
    added = np.asarray((terms - _dense(X[:, place])) @ coef[place])
    for columns in fitted.schema.products:
        if name not in columns:
            continue
        blocks = [terms if each == name else _dense(X[:, spans[(each,)]]) for each in columns]
        values = [block[:, : values_of(own[each])] for block, each in zip(blocks, columns, strict=True)]
        added += (reduce(crossed, values) - _dense(X[:, spans[columns]])) @ coef[spans[columns]]
    return added


def _contrasts(encoding: Encoding, own: Float64, weight: Float64) -> Iterator[tuple[str, Float64, Float64]]:
    """Yield each contrast in words, with the column's terms (N, T) on its two sides."""
    if isinstance(encoding, Numeric):
        step = np.zeros(own.shape[1])
        step[0] = 1.0
        yield f"+1 sd ({encoding.sd:.4g})", own, own + step
    elif isinstance(encoding, Boolean):
        sides = np.repeat(own[None], 2, axis=0)
        sides[:, :, 0] = [[0.0], [1.0]]
        yield "false to true", sides[0], sides[1]
    elif isinstance(encoding, Categorical):
        base, *others = _most_frequent(encoding, own, weight)
        for level in others:
            low, high = (np.broadcast_to(encoding.row(each), own.shape) for each in (base, level))
            yield f"{base} to {level}", low, high


def _most_frequent(encoding: Categorical, own: Float64, weight: Float64) -> list[str]:
    """Return the levels of most weight, the first first."""
    counts = dict(zip(encoding.coded, (weight @ own).tolist(), strict=False))
    if encoding.reference is not None:
        counts[encoding.reference] = float(weight @ (1.0 - own.sum(axis=1)))
    return sorted(counts, key=lambda level: -counts[level])[:_MOST_LEVELS]
