"""Average changes of the predicted probabilities when one column changes and everything else stays."""

from dataclasses import dataclass

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Float64

__all__ = ["Effect", "average_change"]


@dataclass(frozen=True)
class Effect:
    """What changes to what, and the ``change`` (K,) of every class's probability, which sums to zero."""

    column: str
    contrast: str
    change: tuple[float, ...]

    @property
    def strength(self) -> float:
        """Half the sum of the absolute changes: the probability that moves from some classes to others."""
        return 0.5 * float(np.abs(self.change).sum())


def average_change(Z: Float64, weight: Float64, low: Float64, high: Float64) -> Float64:
    """Return ``sum_i w_i [softmax(z_i + high_i) - softmax(z_i + low_i)] / sum_i w_i``, (K,).

    Parameters
    ----------
    Z : (N, K) array
        Logits of the rows as they are.
    weight : (N,) array
    low, high : (K,) or (N, K) arrays
        What is added to the logits on either side: for a numeric column nothing, and a standard deviation times its
        coefficients; for a level its coefficients, less those of the row's own level.

    Examples
    --------
    >>> change = average_change(np.zeros((1, 2)), np.ones(1), np.array([0.0, 0.0]), np.array([0.0, 1.0]))
    >>> change.round(4)
    array([-0.2311,  0.2311])
    """
    change = _kernels.softmax(Z + high) - _kernels.softmax(Z + low)
    return np.asarray(weight @ change / weight.sum())
