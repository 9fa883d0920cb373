"""Loss and residual of softmax regression from logits, in one exponential per entry: the reference kernel.

With the largest logit ``z_m`` and ``u = sum_(k != m) exp(z_k - z_m)``, all quantities are taken relative to
the most likely class m, so that nothing is lost when its probability rounds to one::

    log p_k = (z_k - z_m) - log1p(u)         p_k = exp(z_k - z_m) / (1 + u)
    loss    = -sum_k y_k log p_k             R   = mass P - Y,  R_m = -sum_(k != m) R_k
"""

from typing import NamedTuple

import numpy as np

from multilogit._arrays import Float64

__all__ = ["Residual", "loss_and_residual"]


class Residual(NamedTuple):
    """Loss (...), residual ``mass P - Y``, probabilities and their logarithms, (..., K)."""

    loss: Float64
    residual: Float64
    probability: Float64
    log_probability: Float64


def loss_and_residual(logits: Float64, targets: Float64) -> Residual:
    """Return the `Residual` of logits (..., K) for targets Y (..., K) of any mass; a logit may be -inf."""
    largest = logits.argmax(axis=-1, keepdims=True)
    shifted = logits - np.take_along_axis(logits, largest, axis=-1)
    P = np.exp(shifted)
    np.put_along_axis(P, largest, 0.0, axis=-1)
    others = P.sum(axis=-1, keepdims=True)
    np.put_along_axis(P, largest, 1.0, axis=-1)
    P /= 1.0 + others
    log_P = shifted - np.log1p(others)
    products = np.multiply(targets, log_P, out=np.zeros_like(log_P), where=targets != 0)  # 0 log 0 = 0
    residual = targets.sum(axis=-1, keepdims=True) * P - targets
    np.put_along_axis(residual, largest, 0.0, axis=-1)
    np.put_along_axis(residual, largest, -residual.sum(axis=-1, keepdims=True), axis=-1)
    return Residual(-products.sum(axis=-1), residual, P, log_P)
