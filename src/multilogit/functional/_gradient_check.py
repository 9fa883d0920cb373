"""A derivative against central differences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import ArrayLike, Float64
from multilogit.errors import InputError
from multilogit.functional._inputs import as_floats

__all__ = ["GradientCheck", "gradient_check"]

STEPS = tuple(2.0**-j for j in range(8, 37, 2))
RESOLVED = 1e-3  # smaller entries, relative to the largest, are below what differences resolve well


@dataclass(frozen=True)
class GradientCheck:
    """The worst disagreement between a derivative and central differences.

    Attributes
    ----------
    relative_error : float
        abs(analytic - numerical) / max(abs(analytic), abs(numerical), 0.001 * largest entry), at its worst.
    step : float
        The difference step h that gave `numerical` there, before it is multiplied by max(1, abs(x_i)).
    index : tuple of int
        Where it is worst: an index into the derivative (the axes of the function's value, if any, then x's).
    analytic : float
        The entry of the derivative that was checked.
    numerical : float
        What central differences say.
    """

    relative_error: float
    step: float
    index: tuple[int, ...]
    analytic: float
    numerical: float

    def __str__(self) -> str:
        """Say it in one sentence."""
        where = ", ".join(map(str, self.index))
        return (
            f"worst relative error {self.relative_error:.2g} at [{where}]: the derivative says "
            f"{self.analytic:.10g}, central differences with step {self.step:.2g} say {self.numerical:.10g}"
        )


def _value(function: Callable[[Float64], Any], x: Float64) -> Float64:
    """Return f(x) in float64; the function gets a copy, which it may overwrite."""
    return as_floats("function(x)", function(x.copy())).astype(np.float64)


def _quotients(
    function: Callable[[Float64], Any], x: Float64, index: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[Float64, Float64]:
    """Return (f(x + h e_i) - f(x - h e_i)) / 2h for every step, and a bound on its rounding error.

    Where the function raises ValueError the step has left its domain, as log is left of 0: the quotient is
    NaN.
    """
    quotients = np.full((len(STEPS), *shape), np.nan)
    rounding = np.full((len(STEPS), *shape), np.inf)
    for j, step in enumerate(STEPS):
        above, below = x.copy(), x.copy()
        above[index] += step * max(1.0, abs(x[index]))
        below[index] -= step * max(1.0, abs(x[index]))
        try:
            left, right = _value(function, below), _value(function, above)
        except ValueError:
            continue
        width = above[index] - below[index]
        with np.errstate(invalid="ignore"):
            quotients[j] = (right - left) / width
        rounding[j] = np.finfo(np.float64).eps * np.maximum(np.abs(left), np.abs(right)) / width
    return quotients, rounding


def _steadiest(quotients: Float64, rounding: Float64) -> tuple[Float64, Float64]:
    """For each entry the quotient with the least estimated error, and its step.

    The estimate is the change from the next larger step (curvature) plus the bound on rounding; it does not
    look at the derivative under test.
    """
    with np.errstate(invalid="ignore"):
        error = np.abs(np.diff(quotients, axis=0)) + rounding[1:]
    best = np.where(np.isfinite(error), error, np.inf).argmin(axis=0) + 1
    return np.take_along_axis(quotients, best[None], axis=0)[0], np.asarray(STEPS)[best]


def gradient_check(
    function: Callable[[Float64], Any],
    x: ArrayLike,
    gradient: ArrayLike | Callable[[Float64], Any],
) -> GradientCheck:
    """Compare a derivative with central differences: (f(x + h e_i) - f(x - h e_i)) / 2h for every entry i.

    Fifteen steps h = 2^-8, 2^-10, ..., 2^-36 (times max(1, abs(x_i))) are tried for each entry, and the
    quotient that changes least from step to step is taken.  A correct derivative of a smooth function shows a
    relative error of about 1e-8 or less, a wrong one an error of its own size.

    Parameters
    ----------
    function : callable
        Takes a float64 array of the shape of `x`, returns a number or an array.  Where it raises ValueError
        at a step (outside its domain), smaller steps are used.
    x : array-like of any shape, not empty
        Where to check.
    gradient : array-like or callable
        The derivative at `x`, or a function of `x` that returns it: of the shape of `x` for a scalar
        function; of shape f.shape + x.shape, entry [..., i] = df / dx_i, for an array-valued one (a
        Jacobian).

    Returns
    -------
    GradientCheck
        The worst relative error, the step that gave it, where it is worst, and the two numbers there.

    Raises
    ------
    InputError
        A shape does not fit, the derivative is not finite, or no step gives finite differences.

    References
    ----------
    Gill, P. E., Murray, W. and Wright, M. H. (1981). Practical Optimization, section 8.6. Academic Press.

    Examples
    --------
    >>> from multilogit.functional import gradient_check, softmax, softmax_jacobian
    >>> z = [0.1, -0.3, 2.0]
    >>> gradient_check(softmax, z, softmax_jacobian(z)).relative_error < 1e-8
    True
    """
    point = as_floats("x", x).astype(np.float64)
    if point.size == 0:
        raise InputError(f"x must not be empty: there is nothing to check. Got shape {point.shape}.")
    claimed = gradient(point.copy()) if callable(gradient) else gradient
    analytic = as_floats("gradient", claimed).astype(np.float64)
    shape = _value(function, point).shape + point.shape
    if analytic.shape != shape:
        raise InputError(
            f"gradient must have the shape of the function's value followed by that of x, {shape}. "
            f"Got {analytic.shape}."
        )
    if not np.isfinite(analytic).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(analytic))[0])
        raise InputError(f"gradient must be finite to be checked. Got {analytic[where]} at {where}.")
    numerical, steps = np.empty(shape), np.empty(shape)
    for index in np.ndindex(point.shape):
        quotients, rounding = _quotients(function, point, index, shape[: len(shape) - point.ndim])
        numerical[(..., *index)], steps[(..., *index)] = _steadiest(quotients, rounding)
    return _worst(analytic, numerical, steps)


def _worst(analytic: Float64, numerical: Float64, steps: Float64) -> GradientCheck:
    if not np.isfinite(numerical).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(numerical))[0])
        raise InputError(
            f"function must be finite around x. No step gave a finite difference at {where}. "
            "Check the derivative at a point inside the function's domain."
        )
    scale = np.maximum(np.abs(analytic), np.abs(numerical))
    scale = np.maximum(scale, RESOLVED * np.abs(analytic).max())
    error = np.abs(analytic - numerical) / np.where(scale == 0, 1.0, scale)
    index = tuple(int(i) for i in np.unravel_index(error.argmax(), error.shape))
    return GradientCheck(
        relative_error=float(error[index]),
        step=float(steps[index]),
        index=index,
        analytic=float(analytic[index]),
        numerical=float(numerical[index]),
    )
