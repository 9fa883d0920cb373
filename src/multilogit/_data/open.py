"""The only place that looks at the type of X."""

from typing import Any

import numpy as np
from scipy import sparse

from multilogit._arrays import Array, Float64
from multilogit._data.memory import MemorySource, block_rows

__all__ = ["column_centre", "open_source"]

_ROWS = 4096


def open_source(
    X: Any,
    targets: Array,
    n_classes: int,
    *,
    weight: Float64 | None = None,
    offset: Float64 | None = None,
    centred: bool = True,
) -> MemorySource:
    """Return a source over ``X``, an array or a sparse matrix.

    ``weight`` is (N,) or (N, R). With ``centred``, the columns are centred at their weighted means, of all
    problems together; the centre is only a point of reference, so any weights serve.
    """
    if weight is None:
        weight = np.ones(X.shape[0])
    weight = np.asarray(weight, dtype=np.float64)
    weight = weight[:, None] if weight.ndim == 1 else weight
    if sparse.issparse(X):
        X = sparse.csr_array(X)
    centre = column_centre(X, weight.sum(axis=1)) if centred else np.zeros(X.shape[1])
    rows = block_rows(n_classes, weight.shape[1])
    return MemorySource(X, targets, weight, offset, centre, rows)


def column_centre(X: Any, weight: Float64) -> Float64:
    """Return the weighted column means (D,), clipped to the range of the rows that have weight.

    The clipping makes a constant column's centre exactly that constant, so that it is exactly zero once
    centred; a mean alone may miss it by a rounding.
    """
    low, high, total = np.full(X.shape[1], np.inf), np.full(X.shape[1], -np.inf), np.zeros(X.shape[1])
    for start in range(0, X.shape[0], _ROWS):  # in float64 whatever X is, without a copy of it
        span = slice(start, start + _ROWS)
        used = weight[span] > 0
        rows = X[span] if used.all() else X[span][used]
        if rows.shape[0] == 0:
            continue
        share = weight[span][used]
        smallest, largest = rows.min(axis=0), rows.max(axis=0)
        if sparse.issparse(rows):
            smallest, largest = smallest.toarray().ravel(), largest.toarray().ravel()
        low, high = np.minimum(low, smallest), np.maximum(high, largest)
        total += share @ rows.astype(np.float64, copy=False)
    return np.asarray(np.clip(total / weight.sum(), low, high))
