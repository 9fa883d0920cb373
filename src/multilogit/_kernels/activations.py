"""Activation functions and their derivatives, number by number: the reference kernels.

The derivative is written in terms of the value a = f(z), which is what a network keeps::

    linear    a = z                            a' = 1
    sigmoid   a = 1 / (1 + exp(-z))            a' = a (1 - a)
    tanh      a = t / (t + 2), t = exp(2z) - 1 a' = 1 - a^2
    relu      a = max(z, 0)                    a' = 1 where a > 0, else 0
    softmax   a_k = exp(z_k) / sum_j exp(z_j)  da_k / dz_j = a_k (1{j = k} - a_j)

``backward(a, d)`` is the derivative of a loss with respect to z, where d is that with respect to a: ``d a'``, and
``a (d - sum_k a_k d_k)`` for softmax, the one function that mixes the numbers of a row.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Floats

__all__ = ["ACTIVATIONS", "Activation"]


@dataclass(frozen=True)
class Activation:
    """A function of rows (..., M), its derivative, and its number in native/network.hpp."""

    name: str
    code: int
    value: Callable[[Floats], Floats]
    backward: Callable[[Floats, Floats], Floats]


def _sigmoid(z: Floats) -> Floats:
    e = np.exp(-np.abs(z))  # never overflows
    return np.asarray(np.where(z >= 0, z.dtype.type(1), e) / (1 + e))


def _softmax_backward(a: Floats, d: Floats) -> Floats:
    return np.asarray(a * (d - (a * d).sum(axis=-1, keepdims=True)))


ACTIVATIONS = {
    each.name: each
    for each in (
        Activation("linear", 0, lambda z: z, lambda _, d: d),
        Activation("sigmoid", 1, _sigmoid, lambda a, d: d * (a * (1 - a))),
        Activation("tanh", 2, np.tanh, lambda a, d: d * (1 - a * a)),
        Activation("relu", 3, lambda z: np.where(z < 0, z.dtype.type(0), z), lambda a, d: np.where(a > 0, d, 0)),
        Activation("softmax", 4, _kernels.softmax, _softmax_backward),
    )
}
