"""Why one class and not another: the log-odds of two classes in one row, term by term."""

import math
from typing import NamedTuple

import numpy as np

from multilogit._arrays import Float64

__all__ = ["Contributions", "contributions"]


class Contributions(NamedTuple):
    """``log(p_a / p_b) = base + sum of terms``; ``difference`` is that sum, rounded once."""

    base: float
    terms: Float64
    difference: float


def contributions(
    x: Float64, coef: Float64, intercept: Float64, a: int, b: int, *, centre: Float64 | None = None
) -> Contributions:
    """Return what every term adds to the log-odds of class a against class b.

    Parameters
    ----------
    x : (D,) array
        The row.
    coef, intercept : (K, D) and (K,) arrays
    a, b : int
        Places of the classes.
    centre : (D,) array, optional
        A term adds ``(w_ad - w_bd) (x_d - centre_d)``; what the centre itself says is in the base.

    Examples
    --------
    >>> found = contributions(np.array([2.0, 1.0]), np.array([[1.0, 0.0], [0.0, 3.0]]), np.array([0.5, 0.0]), 0, 1)
    >>> found.base, found.terms, found.difference
    (0.5, array([ 2., -3.]), -0.5)
    """
    w = coef[a] - coef[b]
    reference = np.zeros_like(x) if centre is None else centre
    base = math.fsum([float(intercept[a]), -float(intercept[b]), *(w * reference).tolist()])
    terms = w * (x - reference)
    return Contributions(base, terms, math.fsum([base, *terms.tolist()]))
