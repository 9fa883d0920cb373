"""Truncated Newton: the Newton equations by conjugate gradients, preconditioned by the Gram metric."""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate, Product
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums
from multilogit._objective.vectors import dot
from multilogit._solvers.base import NO_EFFORT, Effort, Iterate, basic, newton_length
from multilogit._solvers.line_search import line_search
from multilogit._solvers.metric import Metric, measure

__all__ = ["NewtonCG", "conjugate_gradients"]

_HVP_WORK = 1.5  # logits, their tangents, and the sum over rows: three products of N D K where a gradient has two


@dataclass(frozen=True, slots=True)
class NewtonCG:
    """Newton's method whose inner accuracy grows with the outer: superlinear, with O(D K) memory."""

    name: str = "newton-cg"

    def init(self, objective: SoftmaxRegression, theta: Float64) -> Conversation[Iterate]:
        """Evaluate at ``theta``."""
        sums = yield Evaluate(objective, theta, basic(objective))
        return (yield from _measured(objective, theta, sums, Effort(1, 1.0)))

    def step(self, objective: SoftmaxRegression, state: Iterate) -> Conversation[Iterate]:
        """Solve the Newton equations loosely and take the step."""
        assert isinstance(state, _State)
        if state.invisible:
            return replace(state, stalled=True)
        # Forcing term sqrt(nu) relative to the value: superlinear, and no digit of it wasted far away.
        eta = min(0.3, math.sqrt(state.decrement / (1.0 + abs(state.value))))
        solution = yield from conjugate_gradients(objective, state.theta, state.gradient, state.metric, eta)
        effort = state.effort + solution.effort
        slope = -dot(state.gradient, solution.x, objective.n_threads)
        step = yield from line_search(objective, state.theta, state.sums, -solution.x, slope)
        effort += step.effort
        if not step.accepted:
            return replace(state, effort=effort, stalled=True)
        return (yield from _measured(objective, step.theta, step.sums, effort))


@dataclass(frozen=True, slots=True, kw_only=True)
class _State(Iterate):
    metric: Metric


def _measured(objective: SoftmaxRegression, theta: Float64, sums: Sums, effort: Effort) -> Conversation[_State]:
    """Return the iterate with its metric, in which the decrement is measured."""
    assert sums.gradient is not None
    metric, cost = yield from measure(objective, theta)
    decrement = newton_length(sums.gradient, metric.solve(sums.gradient))
    return _State(theta=theta, sums=sums, effort=effort + cost, decrement=decrement, metric=metric)


class _Solution(NamedTuple):
    x: Float64
    effort: Effort


def conjugate_gradients(
    objective: SoftmaxRegression,
    theta: Float64,
    G: Float64,
    metric: Metric,
    tolerance: float,
    max_steps: int = 200,
) -> Conversation[_Solution]:
    """Return H^-1 G to a relative residual of ``tolerance`` in the norm of the metric's inverse."""
    x, r = np.zeros_like(G), G.copy()
    z = metric.solve(r)
    p, rz = z, dot(r, z, objective.n_threads)
    target, effort = tolerance * tolerance * rz, NO_EFFORT
    for _ in range(max_steps):
        if rz <= target or rz <= 0.0:
            break
        Hp = yield Product(objective, theta, p)
        effort += Effort(1, _HVP_WORK)
        curvature = dot(p, Hp, objective.n_threads)
        if curvature <= 0.0:  # rounding alone can do this: the objective is convex
            break
        a = rz / curvature
        x += a * p
        r -= a * Hp
        z = metric.solve(r)
        rz, previous = dot(r, z, objective.n_threads), rz
        p = z + (rz / previous) * p
    return _Solution(x if x.any() else metric.solve(G), effort)
