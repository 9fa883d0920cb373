"""How far to go along a direction: approximate Wolfe conditions on slopes, which rounding does not blur.

Near the optimum the value falls by less than its own rounding, while the slope still changes sign cleanly. So a
step is judged by its slope ``phi'(a) = g(x + a d)'d`` (Hager and Zhang, SIAM J. Optim. 16 (2005) 170-192), and by
its value only within rounding. The objective is convex along the line, so the slopes bracket the minimum.
"""

import math
from collections.abc import Generator
from typing import NamedTuple

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums, Want
from multilogit._objective.vectors import combine, dot
from multilogit._solvers.base import NO_EFFORT, Effort, basic, effort_of

__all__ = ["Step", "lengths", "line_search"]

# native/newton.cpp holds its full steps to the same conditions.
_DECREASE = 0.1  # delta: the slope may have turned to (1 - 2 delta) of its first size, the other way
_CURVATURE = 0.9  # sigma: or must have risen to this share of it
_TRIALS = 30


class Step(NamedTuple):
    """A new point, ``length`` directions away, with its sums and the effort.

    ``accepted`` is False if no trial satisfied the conditions.
    """

    theta: Float64
    length: float
    sums: Sums
    effort: Effort
    accepted: bool


def line_search(
    objective: SoftmaxRegression,
    theta: Float64,
    sums: Sums,
    direction: Float64,
    slope0: float,
    first: Want | None = None,
) -> Conversation[Step]:
    """Return a step along ``direction``, where the value falls by ``-slope0`` per unit at first.

    The first trial, of length one, computes ``first``, others the basic sums.
    """
    trials = lengths(float(sums.value[0]), slope0, objective.rounding)
    length, effort, want = next(trials), NO_EFFORT, first or basic(objective)
    while True:
        point = np.empty_like(theta)
        combine([1.0, length], [theta, direction], point, objective.n_threads)
        trial = yield Evaluate(objective, point, want)
        effort += effort_of(objective, want)
        want = basic(objective)
        try:
            following = trials.send((float(trial.value[0]), dot(trial.gradient, direction, objective.n_threads)))
        except StopIteration as end:
            return Step(point, length, trial, effort, end.value)
        length = following


def lengths(start: float, slope0: float, rounding: float) -> Generator[float, tuple[float, float], bool]:
    """Yield lengths to try, and is sent the value and the slope there; returns whether the last one is accepted.

    ``start`` is the value at length zero, which is known to a share ``rounding`` of it, and ``slope0`` < 0 the slope.
    """
    ceiling = start + rounding * abs(start)
    low, high, slope_low, slope_high, width = 0.0, math.inf, slope0, math.nan, math.inf
    length = 1.0
    for _ in range(_TRIALS):
        value, slope = yield length
        too_far = not (slope <= (2 * _DECREASE - 1) * slope0 and value <= ceiling)
        if not too_far and slope >= _CURVATURE * slope0:
            return True
        if too_far:
            high, slope_high = length, slope
        else:
            low, slope_low = length, slope
        bisect, width = high - low > 0.5 * width, high - low
        length = _next_length(low, high, (slope_low, slope_high), bisect=bisect)
    return False


def _next_length(low: float, high: float, slopes: tuple[float, float], *, bisect: bool) -> float:
    """Return the secant point of the slopes, kept within the inner 80 % of the bracket; double without a bracket.

    On a flat tail the secant stays at its far end: ``bisect`` says that the last trial did not halve the bracket.
    """
    if math.isinf(high):
        return 2.0 * low if low > 0 else 2.0
    width, (slope_low, slope_high) = high - low, slopes
    if bisect or not slope_high > slope_low:
        return low + 0.5 * width
    secant = low - slope_low * width / (slope_high - slope_low)
    return min(max(secant, low + 0.1 * width), high - 0.1 * width)
