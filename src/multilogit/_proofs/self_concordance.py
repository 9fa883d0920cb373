"""A proof that a finite optimum exists and how far it is, from one factored Hessian.

Along any segment the softmax loss of row i has third derivative at most ``max_jk |v_i'(e_j - e_k)|`` times its
second, where ``v_i`` is the row's change of logits. With ``nu^2 = g' H^-1 g`` and

    M = max_i max_jk sqrt((e_j - e_k)' A_i (e_j - e_k)),    A_i = (I x x_i)' H^-1 (I x x_i),

every direction of Newton length one changes a difference of logits by at most M, so the objective is
self-concordant with constant M around the iterate. Then ``M nu < 1/e`` proves that the sublevel set is bounded,
hence that a finite optimum exists, and

    f - f*  <=  [(1 - M nu) log(1 - M nu) + M nu] / M^2,

which is nu^2 / 2 to first order. Neither M nor nu depends on the scales of the columns.
"""

import math

import numpy as np

from multilogit._arrays import Float64, Integers
from multilogit._data.source import RowBlock, reduce_blocks
from multilogit._objective.softmax_regression import SoftmaxRegression

__all__ = ["decrement_bound", "largest_logit_change"]


def decrement_bound(nu: float, M: float) -> float:
    """Return the bound of f - f* from the Newton decrement nu and the constant M; inf unless ``M nu < 1/e``."""
    x = M * nu
    if not x < 1.0 / math.e:
        return math.inf
    if x < 1e-4:  # (1 - x) log(1 - x) + x = x^2/2 + x^3/6 + x^4/12 + ...
        return nu * nu * (0.5 + x / 6.0 + x * x / 6.0)
    return ((1.0 - x) * math.log1p(-x) + x) / (M * M)


class _Largest(float):
    """A maximum, merged over blocks like a sum."""

    def __add__(self, other: float) -> "_Largest":
        return _Largest(max(float(self), float(other)))


def largest_logit_change(objective: SoftmaxRegression, inverse: Float64) -> float:
    """Return M of the single problem, given ``H^-1`` (K', D', K', D') in the rows of theta, in one sweep."""
    layout = objective.layout

    def of_block(block: RowBlock) -> _Largest:
        A = objective.design(block)[objective.weights(block)[:, 0] > 0]
        return _Largest(max(_largest_square(A, inverse, present), 0.0))

    present = np.flatnonzero(layout.class_mask[0]) if layout.free_rows > 1 else np.zeros(1, dtype=np.intp)
    return math.sqrt(float(reduce_blocks(objective.source, of_block, objective.n_threads)))


def _largest_square(A: Float64, inverse: Float64, present: Integers) -> float:
    """Return the largest ``q_jj + q_kk - 2 q_jk`` over rows and pairs, of one free row the largest ``q_00``.

    ``q_jk = x_i' inverse[j, :, k, :] x_i``, (n,) at a time.
    """

    def quadratic(j: int, k: int) -> Float64:
        return np.asarray(np.einsum("nd,nd->n", A @ inverse[j, :, k, :], A))

    own = [quadratic(j, j) for j in present]
    if len(own) == 1:
        return float(own[0].max(initial=0.0))
    largest = 0.0
    for a, j in enumerate(present):
        for b in range(a):
            square = own[a] + own[b] - 2.0 * quadratic(j, present[b])
            largest = max(largest, float(square.max(initial=0.0)))
    return largest
