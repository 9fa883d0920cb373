"""Losses of rows and their derivatives: the reference kernels.

Of targets y (N, K) and, the first two, logits z, the others a network's outputs p::

    softmax_cross_entropy        -sum_k y_k log softmax(z)_k                          m softmax(z) - y,  m = sum_k y_k
    logistic_cross_entropy       mean_k of log(1 + exp(z_k)) - y_k z_k                (sigmoid(z) - y) / K
    squared_error                mean_k of (p_k - y_k)^2                              2 (p - y) / K
    binary_cross_entropy         -mean_k of y_k log p_k + (1 - y_k) log(1 - p_k)      ((1 - y) / (1 - p) - y / p) / K
    categorical_cross_entropy    -sum_k y_k log(p_k / sum_j p_j)                      m / sum_j p_j - y / p

The first two are the fused ones: a cross-entropy after the activation that belongs to it has the derivative P - Y.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from multilogit._arrays import Floats
from multilogit._kernels.activations import ACTIVATIONS
from multilogit._kernels.residual import loss_and_residual

__all__ = ["LOSSES", "RowLoss"]


class RowLoss(NamedTuple):
    """Loss (N,) of each row, and its derivative (N, K) with respect to what the loss takes."""

    value: Floats
    derivative: Floats


def _times(y: Floats, x: Floats) -> Floats:
    """Return y x, zero where y is, whatever x."""
    return np.multiply(y, x, out=np.zeros_like(x), where=y != 0)


def _softmax(z: Floats, y: Floats) -> RowLoss:
    found = loss_and_residual(z, y)  # type: ignore[arg-type]  # of any type; a fit always gives it float64
    return RowLoss(found.loss, found.residual)


def _logistic(z: Floats, y: Floats) -> RowLoss:
    loss = (np.maximum(z, 0) - y * z) + np.log1p(np.exp(-np.abs(z)))
    # p - y loses its digits where both are one: 1 - p = sigmoid(-z) has them all.
    sigmoid = ACTIVATIONS["sigmoid"].value
    slope = np.where(y == 1, -sigmoid(-z), sigmoid(z) - y)
    return RowLoss(loss.mean(axis=-1), slope / y.shape[-1])


def _squared(p: Floats, y: Floats) -> RowLoss:
    error = p - y
    return RowLoss((error * error).mean(axis=-1), 2 * error / y.shape[-1])


def _binary(p: Floats, y: Floats) -> RowLoss:
    q, x = 1 - p, 1 - y
    with np.errstate(divide="ignore"):
        loss = -(_times(y, np.log(p)) + _times(x, np.log(q)))
        slope = _times(x, 1 / q) - _times(y, 1 / p)
    return RowLoss(loss.mean(axis=-1), slope / y.shape[-1])


def _categorical(p: Floats, y: Floats) -> RowLoss:
    total, mass = p.sum(axis=-1, keepdims=True), y.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        loss = -_times(y, np.log(p / total)).sum(axis=-1)
        slope = mass / total - _times(y, 1 / p)
    return RowLoss(loss, slope)


# In the order of native/network.hpp.
LOSSES: dict[str, Callable[[Floats, Floats], RowLoss]] = {
    "softmax_cross_entropy": _softmax,
    "logistic_cross_entropy": _logistic,
    "squared_error": _squared,
    "binary_cross_entropy": _binary,
    "categorical_cross_entropy": _categorical,
}
