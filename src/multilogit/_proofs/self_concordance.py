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

_BYTES = 4 << 20


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
    """Return the largest ``x_i' S_jk x_i`` over rows and pairs j < k, of one free row the largest ``x_i' S x_i``.

    ``S_jk = H_jj + H_kk - 2 H_jk`` with ``H_jk = inverse[j, :, k, :]``, as many pairs at a time as 4 MiB hold.
    """
    n, D = A.shape
    if len(present) == 1:
        return _largest_form(A, inverse[present[0], :, present[0]][None])
    first, second = (present[index] for index in np.triu_indices(len(present), 1))
    own = inverse[present, :, present]  # (K, D', D')
    position = np.searchsorted(present, first), np.searchsorted(present, second)
    size = max(_BYTES // (8 * max(n, D) * D), 1)
    largest = 0.0
    for start in range(0, len(first), size):
        part = slice(start, start + size)
        cross = inverse[first[part], :, second[part]]
        forms = own[position[0][part]] + own[position[1][part]] - 2.0 * cross
        largest = max(largest, _largest_form(A, forms))
    return largest


def _largest_form(A: Float64, forms: Float64) -> float:
    """Return the largest ``x_i' S_p x_i`` over the rows of A (n, D') and the forms (P, D', D')."""
    n, D = A.shape
    AS = (A @ forms.transpose(1, 0, 2).reshape(D, -1)).reshape(n, len(forms), D)
    return float(np.einsum("npd,nd->np", AS, A).max(initial=0.0))
