"""The gradient in double-double: what the polish corrects the parameters with.

At the optimum the gradient is a difference of equal sums, so in float64 it is all rounding. Here the centred
features, the logits, the exponentials and the sums over rows carry about twice the digits.

The compiled kernels (native/exact_gradient.cpp) sum over rows in memory; the NumPy code is their reference, and
takes any source.
"""

from typing import Any

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Array, Float64
from multilogit._data.memory import MemorySource
from multilogit._data.source import RowBlock
from multilogit._kernels import double_double as dd
from multilogit._kernels.double_double import Pair
from multilogit._objective.softmax_regression import SoftmaxRegression

__all__ = ["FLOAT64_GRADIENTS", "TENTH_OF_A_SECOND", "exact_gradient", "reference_gradient"]

# Measured on one core in docs/decisions/polish.md: the N K (D' + 40) of a gradient that takes a tenth of a second, and
# the gradients in float64, of the same kernels, that cost as much.
TENTH_OF_A_SECOND, FLOAT64_GRADIENTS = (1e8, 8.0) if _kernels.core == "native" else (5e6, 30.0)


def exact_gradient(objective: SoftmaxRegression, theta: Float64) -> Float64:
    """Return the gradient of one problem at ``theta``, of its shape, rounded once at the end.

    Entry (d, k) is ``sum_i c_i a_id (m_i p_ik - y_ik) + lambda_d W_dk`` with ``a_i = (x_i - centre, 1)``. Beyond that
    rounding it errs by no more than ``(D + 200) 2^-100 (1 + s)`` times ``sum_i c_i |a_id| (m_i p_ik + y_ik)``, where s
    is the largest ``sum_d |a_id theta_dk| + |o_ik|``; by 2^-100 of it as a rule. Sparse rows are centred virtually, and
    ``|x_id| + |centre_d|`` stands for ``|a_id|``. The reference kernels keep 2^-80 in place of (D + 200) 2^-100.
    """
    source = objective.source
    if _kernels.native is None or not isinstance(source, MemorySource):
        return reference_gradient(objective, theta)
    layout, targets = objective.layout, source.targets
    parameters = np.ascontiguousarray(theta, dtype=np.float64).reshape(layout.n_rows, layout.columns)
    arguments = _kernels.native.ExactArguments(
        source.centre,
        np.ascontiguousarray(targets, dtype=np.int64) if targets.ndim == 1 else None,
        np.asarray(targets, dtype=np.float64) if targets.ndim == 2 else None,
        None if source.offset is None else np.asarray(source.offset, dtype=np.float64),
        source.weight[:, objective.weight_columns[0]],
        objective.penalty.strength[:, 0],
        objective.scale[0],
        np.ascontiguousarray(layout.class_mask[0]),
        parameters,
    )
    gradient = np.empty_like(parameters)
    _kernels.native.exact_gradient(*_plain(source.X), arguments, gradient, objective.n_threads)
    return gradient.reshape(theta.shape)


def _plain(X: Any) -> tuple[Array, ...]:
    """Return X, or the three arrays of a CSR matrix, in types and strides that the kernels take: as a rule, no copy."""
    if isinstance(X, np.ndarray):
        whole = X.flags.aligned and all(step % X.itemsize == 0 for step in X.strides)
        return (X if whole and X.dtype in (np.float32, np.float64) else X.astype(np.float64),)
    data = X.data if X.dtype in (np.float32, np.float64) else X.data.astype(np.float64)
    same = X.indices.dtype == X.indptr.dtype and X.indptr.dtype in (np.int32, np.int64)
    return data, *((X.indices, X.indptr) if same else (X.indices.astype(np.int64), X.indptr.astype(np.int64)))


def reference_gradient(objective: SoftmaxRegression, theta: Float64) -> Float64:
    """Return the same by NumPy, block by block."""
    layout = objective.layout
    W = layout.weights(theta).reshape(layout.n_features, layout.columns)
    total: Pair = (np.zeros(theta.shape), np.zeros(theta.shape))
    for index in range(objective.source.n_blocks):
        total = dd.add(total, _block_gradient(objective, theta, objective.source.block(index)))
    strength = np.broadcast_to(objective.penalty.strength[:, :1], W.shape)
    penalty = dd.two_product(strength, W)
    padded = [np.zeros(theta.shape), np.zeros(theta.shape)]
    for target, part in zip(padded, penalty, strict=True):
        target[: layout.n_features, 0] = part
    return dd.add(total, (padded[0], padded[1]))[0]


def _block_gradient(objective: SoftmaxRegression, theta: Float64, block: RowBlock) -> Pair:
    """Return ``sum_i c_i x_i (m_i p_i - y_i)'`` of a block, of theta's shape."""
    layout = objective.layout
    high, low = block.rows.exact()
    if layout.fit_intercept:
        ones = np.ones((len(high), 1))
        high, low = np.hstack([high, ones]), np.hstack([low, 0.0 * ones])
    # Powers of two even out the columns, exactly, so that the slices of a product lose no small column.
    column = np.exp2(-np.frexp(np.abs(high).max(axis=0, initial=0.0))[1].astype(np.float64))
    design: Pair = (high * column, low * column)
    flat = theta.reshape(layout.n_rows, layout.columns) / column[:, None]
    free = dd.matmul(design, (flat, np.zeros_like(flat)))
    logits = (layout.with_reference(free[0]), layout.with_reference(free[1]))
    residual = _residual(logits, block, objective)
    G = dd.matmul((design[0].T, design[1].T), (layout.free(residual[0]), layout.free(residual[1])))
    return (G[0] / column[:, None]).reshape(theta.shape), (G[1] / column[:, None]).reshape(theta.shape)


def _residual(logits: Pair, block: RowBlock, objective: SoftmaxRegression) -> Pair:
    """Return ``c_i (m_i p_i - y_i)`` (n, K)."""
    layout = objective.layout
    if block.offset is not None:
        logits = dd.add(logits, (block.offset, np.zeros_like(block.offset)))
    high = np.where(layout.class_mask[0], logits[0], -np.inf)
    largest = high.argmax(axis=1)[:, None]
    top = (np.take_along_axis(high, largest, 1), np.take_along_axis(logits[1], largest, 1))
    finite = np.where(layout.class_mask[0], logits[0], top[0])
    shifted = dd.add((finite, logits[1]), (-top[0], -top[1]))
    e = dd.exp((np.where(layout.class_mask[0], shifted[0], -np.inf), shifted[1]))
    total = dd.sum_last_axis(e)
    P = dd.divide(e, (total[0][:, None], total[1][:, None]))
    Y = block.masses(layout.n_classes)
    zero = np.zeros_like(Y)
    mass = _per_row(dd.sum_last_axis((Y, zero)), Y)
    c = _per_row(dd.two_product(objective.weights(block)[:, 0], np.full(len(Y), objective.scale[0])), Y)
    return dd.multiply(c, dd.add(dd.multiply(mass, P), (-Y, zero)))


def _per_row(a: Pair, like: Float64) -> Pair:
    """Return one number per row (n,) as an array (n, K)."""
    return np.broadcast_to(a[0][:, None], like.shape), np.broadcast_to(a[1][:, None], like.shape)
