"""L-BFGS whose initial inverse Hessian is a refreshed Gram metric: few sweeps, whatever the columns' scales.

The two-loop recursion (Nocedal, Math. Comp. 35 (1980) 773-782) needs an initial inverse Hessian; the usual
multiple of the identity makes the number of sweeps depend on the units of the columns. Here it is a multiple of
the inverse of the weighted Gram matrix (see `metric`), measured anew at a few iterations while the pairs are kept.
The multiple is the geometric mean of ``s'y / y'M^-1 y`` over the pairs, the usual scaling in the metric's terms.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums
from multilogit._solvers.base import Effort, Iterate, basic, effort_of, newton_length
from multilogit._solvers.line_search import inner, line_search
from multilogit._solvers.metric import Metric, measure

__all__ = ["LBFGS"]

_REFRESH = frozenset({5, 10, 18, 30, 50, 80})


class _Pair(NamedTuple):
    """A step s, the change y of the gradient, ``s'y`` and ``s'y / y'M^-1 y``."""

    s: Float64
    y: Float64
    curvature: float
    scale: float

    def under(self, metric: Metric) -> Self:
        """Return the pair with its scale in another metric."""
        return self._replace(scale=self.curvature / inner(self.y, metric.solve(self.y)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _State(Iterate):
    metric: Metric
    direction: Float64
    pairs: tuple[_Pair, ...] = ()
    steps: int = 0


@dataclass(frozen=True, slots=True)
class LBFGS:
    """Limited-memory BFGS with ``memory`` pairs."""

    memory: int = 10
    name: str = "lbfgs"

    def init(self, objective: SoftmaxRegression, theta: Float64) -> Conversation[Iterate]:
        """Evaluate at ``theta`` and measure the first metric."""
        sums = yield Evaluate(objective, theta, basic(objective))
        metric, effort = yield from measure(objective, theta, bound=not theta.any())
        return _directed(theta, sums, effort + effort_of(objective, basic(objective)), metric, (), 0)

    def resume(self, objective: SoftmaxRegression, state: Iterate) -> Conversation[Iterate]:
        """Return the iterate evaluated anew, with its pairs and its place in the schedule."""
        assert isinstance(state, _State)
        sums = yield Evaluate(objective, state.theta, basic(objective))
        effort = state.effort + effort_of(objective, basic(objective))
        return _directed(state.theta, sums, effort, state.metric, state.pairs, state.steps)

    def step(self, objective: SoftmaxRegression, state: Iterate) -> Conversation[Iterate]:
        """Take one quasi-Newton step and remember its pair."""
        assert isinstance(state, _State)
        if state.invisible:
            return replace(state, stalled=True)
        step = yield from line_search(objective, state.theta, state.sums, state.direction)
        effort = state.effort + step.effort
        if not step.accepted:
            # Old pairs may mislead near rounding: forget them once before giving up.
            restarted = _directed(state.theta, state.sums, effort, state.metric, (), state.steps)
            return replace(restarted, stalled=not state.pairs)
        assert step.sums.gradient is not None
        steps, metric = state.steps + 1, state.metric
        pairs = self._remember(state, step.theta - state.theta, step.sums.gradient - state.gradient)
        if steps in _REFRESH:
            metric, cost = yield from measure(objective, step.theta)
            pairs = tuple(pair.under(metric) for pair in pairs)
            effort += cost
        return _directed(step.theta, step.sums, effort, metric, pairs, steps)

    def _remember(self, state: _State, s: Float64, y: Float64) -> tuple[_Pair, ...]:
        curvature = inner(s, y)
        if curvature <= 0.0:  # rounding alone can do this: the objective is convex
            return state.pairs
        return (*state.pairs, _Pair(s, y, curvature, 1.0).under(state.metric))[-self.memory :]


def _directed(
    theta: Float64, sums: Sums, effort: Effort, metric: Metric, pairs: tuple[_Pair, ...], steps: int
) -> _State:
    """Return the iterate with its direction, whose length in the metric of the pairs is the decrement."""
    assert sums.gradient is not None
    step = _two_loop(metric, pairs, sums.gradient)
    decrement = newton_length(sums.gradient, step)
    return _State(
        theta=theta,
        sums=sums,
        effort=effort,
        decrement=decrement,
        metric=metric,
        direction=-step,
        pairs=pairs,
        steps=steps,
    )


def _two_loop(metric: Metric, pairs: tuple[_Pair, ...], gradient: Float64) -> Float64:
    """Return the inverse Hessian approximation times the gradient."""
    q, coefficients = gradient.copy(), []
    for pair in reversed(pairs):
        a = inner(pair.s, q) / pair.curvature
        q -= a * pair.y
        coefficients.append(a)
    r = metric.solve(q)
    if pairs:
        r *= math.exp(sum(math.log(pair.scale) for pair in pairs) / len(pairs))
    for pair, a in zip(pairs, reversed(coefficients), strict=True):
        r += (a - inner(pair.y, r) / pair.curvature) * pair.s
    return r
