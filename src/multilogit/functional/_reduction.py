"""How the rows' losses become one number: sum, mean by weight, or not at all."""

from typing import Any

import numpy as np
import numpy.typing as npt

from multilogit._arrays import Float64
from multilogit.errors import InputError

__all__ = ["Scalar", "checked_reduction", "derivative_weights", "scalar", "total_loss"]

Scalar = np.floating[Any]


def checked_reduction(reduction: str, allowed: tuple[str, ...] = ("sum", "mean", "none")) -> str:
    """Return `reduction`, or raise with the choices."""
    if reduction not in allowed:
        raise InputError(f"reduction must be one of {', '.join(map(repr, allowed))}. Got {reduction!r}.")
    return reduction


def _total(weights: Float64) -> float:
    total = float(weights.sum())
    if not 0 < total < np.inf:
        raise InputError(
            "reduction='mean' divides by the sum of the weights, which must be positive and finite. "
            f"Got {total}, from {weights.size} rows. Use reduction='sum'."
        )
    return total


def scalar(value: np.float64, dtype: npt.DTypeLike) -> Scalar:
    """Return `value` as a NumPy scalar of type `dtype`; beyond its range that is inf."""
    with np.errstate(over="ignore"):
        return np.float64(value) if dtype == np.float64 else np.float32(value)


def total_loss(losses: Float64, weights: Float64, reduction: str, dtype: npt.DTypeLike) -> Scalar:
    """Return sum_i w_i l_i, divided by sum_i w_i for the mean."""
    total = (weights * losses).sum()
    value = total / _total(weights) if reduction == "mean" else total
    return scalar(value, dtype)


def derivative_weights(weights: Float64, reduction: str) -> Float64:
    """Return the factor of row i's derivative: w_i, or w_i / sum_j w_j for the mean."""
    return weights / _total(weights) if checked_reduction(reduction) == "mean" else weights
