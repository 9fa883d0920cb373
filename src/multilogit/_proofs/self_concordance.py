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

from multilogit._arrays import Float64
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
        A = block.rows.dense()
        if layout.fit_intercept:
            A = np.hstack([A, np.ones((len(A), 1))])
        quadratic = _row_quadratics(A, inverse)
        if layout.free_rows == 1:
            squares = quadratic[:, 0, 0]
        else:
            own = np.einsum("nkk->nk", quadratic)
            pairs = own[:, :, None] + own[:, None, :] - 2.0 * quadratic
            present = layout.class_mask[0]
            squares = pairs[:, present][:, :, present].max(axis=(1, 2))
        used = block.weight[:, 0] > 0
        return _Largest(squares[used].max(initial=0.0))

    return math.sqrt(max(float(reduce_blocks(objective.source, of_block, objective.n_threads)), 0.0))


def _row_quadratics(A: Float64, inverse: Float64) -> Float64:
    """Return ``A_i[j, k] = x_i' inverse[j, :, k, :] x_i`` (n, K', K')."""
    K = inverse.shape[0]
    quadratic = np.empty((len(A), K, K))
    for j in range(K):
        for k in range(j, K):
            quadratic[:, j, k] = quadratic[:, k, j] = np.einsum("nd,nd->n", A @ inverse[j, :, k, :], A)
    return quadratic
