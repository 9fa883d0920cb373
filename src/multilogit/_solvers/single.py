"""A start in float32: the steps far from the optimum, in half the time, where the rows are stored so or classes many.

A gradient of float32 products is right to about 1e-7 of its terms, which says nothing about the last digits and all
about the way there. The pairs of L-BFGS and its metric are kept for the float64 steps that follow.
"""

from dataclasses import replace

from multilogit._objective.conversation import Conversation
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._solvers.base import Iterate
from multilogit._solvers.lbfgs import LBFGS

__all__ = ["approach"]

# Of the value: what the next step may still gain when float64 takes over; the second of the tolerance, if that is more.
_ENOUGH, _SHARE = 1e-8, 0.1

_RANGE = 1e30  # of second derivatives and what they are summed from: float32 ends at 3e38


def approach(
    objective: SoftmaxRegression, solver: LBFGS, state: Iterate, tol: float, max_iter: int
) -> Conversation[tuple[Iterate, int]]:
    """Return an iterate near the optimum, evaluated in float64, and the number of steps to it; none out of range."""
    least, largest = solver.curvatures(state)
    if not (1.0 / _RANGE <= least <= largest <= _RANGE):
        return state, 0
    rough, steps = replace(objective, single=True), 0
    while steps < max_iter and not state.stalled and state.estimate > max(_ENOUGH, _SHARE * tol) * abs(state.value):
        state = yield from solver.step(rough, state)
        steps += 1
    state = yield from solver.resume(objective, state)
    return state, steps
