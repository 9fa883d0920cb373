"""The only place that looks at the type of X."""

from typing import Any

import numpy as np
from scipy import sparse

from multilogit._arrays import Array, Float64
from multilogit._data.memory import MemorySource, block_rows

__all__ = ["column_centre", "open_source"]


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
    used = weight > 0
    every = bool(used.all())
    rows = X if every else X[used]
    share = (weight if every else weight[used]) / weight.sum()
    if sparse.issparse(rows):
        low, high = (np.asarray(bound(axis=0).toarray(), dtype=np.float64).ravel() for bound in (rows.min, rows.max))
        mean = np.asarray(rows.T.astype(np.float64) @ share)
    else:
        low, high = (bound(axis=0).astype(np.float64) for bound in (rows.min, rows.max))
        mean = np.einsum("i,ij->j", share, rows, dtype=np.float64, casting="safe")
    return np.asarray(np.clip(mean, low, high))
