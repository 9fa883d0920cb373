"""L-BFGS whose initial inverse Hessian is a refreshed Gram metric: few sweeps, whatever the columns' scales.

The two-loop recursion (Nocedal, Math. Comp. 35 (1980) 773-782) needs an initial inverse Hessian; the usual
multiple of the identity makes the number of sweeps depend on the units of the columns. Here it is a multiple of
the inverse of the weighted Gram matrix (see `metric`), measured anew at a few iterations while the pairs are kept.
The multiple is the geometric mean of ``s'y / y'M^-1 y`` over the pairs, the usual scaling in the metric's terms.

The pairs are the largest thing that a fit holds. A pair may be scaled by any number, so s is the direction itself,
which exists anyway, and y the change of the gradient per unit of it; the recursion works in place.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums
from multilogit._objective.vectors import add_and_dot, dot
from multilogit._solvers.base import Effort, Iterate, basic, effort_of
from multilogit._solvers.line_search import line_search
from multilogit._solvers.metric import Metric, measure

__all__ = ["LBFGS"]

_REFRESH = frozenset({5, 10, 18, 30, 50, 80})
_MANY_PAIRS, _FEW_PAIRS = 10, 4
_METRIC_SHARE = 0.25  # of the work so far that a refreshed metric may cost
_LARGE = 300_000  # parameters beyond which few pairs are kept: nearly as good, and memory counts


class _Pair(NamedTuple):
    """A direction s and the change y of the gradient per unit of it, flat; ``s'y`` and ``s'y / y'M^-1 y``."""

    s: Float64
    y: Float64
    curvature: float
    scale: float

    def under(self, metric: Metric, shape: tuple[int, ...]) -> Self:
        """Return the pair with its scale in another metric; ``shape`` is theta's."""
        return self._replace(scale=self.curvature / metric.square(self.y.reshape(shape)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _State(Iterate):
    metric: Metric
    direction: Float64
    pairs: tuple[_Pair, ...] = ()
    steps: int = 0


@dataclass(frozen=True, slots=True)
class LBFGS:
    """Limited-memory BFGS; ``memory`` is the number of pairs, None for as many as the size allows."""

    memory: int | None = None
    name: str = "lbfgs"

    def init(self, objective: SoftmaxRegression, theta: Float64) -> Conversation[Iterate]:
        """Evaluate at ``theta`` and measure the first metric."""
        sums = yield Evaluate(objective, theta, basic(objective))
        metric, effort = yield from measure(objective, theta, start=not theta.any())
        return _directed(objective, theta, sums, effort + effort_of(objective, basic(objective)), metric, (), 0)

    def resume(self, objective: SoftmaxRegression, state: Iterate) -> Conversation[Iterate]:
        """Return the iterate evaluated anew, with its pairs and its place in the schedule."""
        assert isinstance(state, _State)
        sums = yield Evaluate(objective, state.theta, basic(objective))
        effort = state.effort + effort_of(objective, basic(objective))
        return _directed(objective, state.theta, sums, effort, state.metric, state.pairs, state.steps)

    def curvatures(self, state: Iterate) -> tuple[float, float]:
        """Return the smallest and the largest second derivative along a parameter that the metric knows."""
        assert isinstance(state, _State)
        diagonal = state.metric.diagonal
        return float(diagonal.min()), float(diagonal.max())

    def step(self, objective: SoftmaxRegression, state: Iterate) -> Conversation[Iterate]:
        """Take one quasi-Newton step and remember its pair."""
        assert isinstance(state, _State)
        if state.invisible:
            return replace(state, stalled=True)
        step = yield from line_search(objective, state.theta, state.sums, state.direction)
        effort = state.effort + step.effort
        if not step.accepted:
            # Old pairs may mislead near rounding: forget them once before giving up.
            restarted = _directed(objective, state.theta, state.sums, effort, state.metric, (), state.steps)
            return replace(restarted, stalled=not state.pairs)
        assert step.sums.gradient is not None
        steps, metric = state.steps + 1, state.metric
        pairs = self._remember(objective, state, step.sums.gradient, step.length)
        if steps in _REFRESH:
            metric, cost = yield from measure(objective, step.theta, allowance=_METRIC_SHARE * effort.work)
            pairs = tuple(pair.under(metric, step.theta.shape) for pair in pairs)
            effort += cost
        return _directed(objective, step.theta, step.sums, effort, metric, pairs, steps)

    def _remember(
        self, objective: SoftmaxRegression, state: _State, gradient: Float64, length: float
    ) -> tuple[_Pair, ...]:
        s, y = state.direction.reshape(-1), (gradient - state.gradient).reshape(-1)
        if length != 1.0:
            y /= length
        curvature = dot(s, y, objective.n_threads)
        if curvature <= 0.0:  # rounding alone can do this: the objective is convex
            return state.pairs
        kept = self.memory or (_FEW_PAIRS if len(s) > _LARGE else _MANY_PAIRS)
        pair = _Pair(s, y, curvature, 1.0).under(state.metric, gradient.shape)
        return (*state.pairs, pair)[-kept:]


def _directed(
    objective: SoftmaxRegression,
    theta: Float64,
    sums: Sums,
    effort: Effort,
    metric: Metric,
    pairs: tuple[_Pair, ...],
    steps: int,
) -> _State:
    """Return the iterate with its direction, whose length in the metric of the pairs is the decrement."""
    assert sums.gradient is not None
    direction, slope = _two_loop(metric, pairs, sums.gradient, objective.n_threads)
    return _State(
        theta=theta,
        sums=sums,
        effort=effort,
        decrement=math.sqrt(max(-slope, 0.0)),
        metric=metric,
        direction=direction,
        pairs=pairs,
        steps=steps,
    )


def _two_loop(metric: Metric, pairs: tuple[_Pair, ...], gradient: Float64, n_threads: int) -> tuple[Float64, float]:
    """Return the inverse Hessian approximation times -gradient, in one new array, and the slope along it.

    Each update also takes the inner product that the next one needs: a pass over memory for both.
    """
    m, g = len(pairs), gradient.reshape(-1)
    q, coefficients = np.negative(g), [0.0] * m
    product = dot(pairs[-1].s, q, n_threads) if m else 0.0
    for i in reversed(range(m)):
        coefficients[i] = product / pairs[i].curvature
        product = add_and_dot(-coefficients[i], pairs[i].y, q, pairs[i - 1].s if i > 0 else q, n_threads)
    r = metric.solve(q.reshape(gradient.shape), overwrite=True).reshape(-1)
    if m:
        r *= math.exp(sum(math.log(pair.scale) for pair in pairs) / m)
    product = dot(pairs[0].y if m else g, r, n_threads)
    for i in range(m):
        a = coefficients[i] - product / pairs[i].curvature
        product = add_and_dot(a, pairs[i].s, r, pairs[i + 1].y if i + 1 < m else g, n_threads)
    return r.reshape(gradient.shape), product
