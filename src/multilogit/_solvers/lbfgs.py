"""L-BFGS whose initial inverse Hessian is a refreshed Gram metric: few sweeps, whatever the columns' scales.

The recursion over the pairs (see `secants`) needs an initial inverse Hessian; the usual multiple of the identity makes
the number of sweeps depend on the units of the columns. Here it is a multiple of the inverse of the weighted Gram
matrix (see `metric`), measured anew at a few iterations while the pairs, the largest thing that a fit holds, are kept.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums, Want
from multilogit._objective.vectors import combine, dot
from multilogit._solvers.base import Effort, Iterate, basic, effort_of
from multilogit._solvers.line_search import line_search
from multilogit._solvers.metric import Metric, measure
from multilogit._solvers.proof import tiltable
from multilogit._solvers.secants import Secants

__all__ = ["LBFGS"]

_REFRESH = frozenset({5, 10, 18, 30, 50, 80})
_MANY_PAIRS, _FEW_PAIRS, _ONE_PAIR = 10, 4, 1
_METRIC_SHARE = 0.25  # of the work so far that a refreshed metric may cost
_LARGE = 300_000  # parameters beyond which few pairs are kept: nearly as good, and memory counts
_THIN = 25  # numbers per column of sparse data, below which a pair costs more than it saves: a sweep is so cheap


@dataclass(frozen=True, slots=True, kw_only=True)
class _State(Iterate):
    metric: Metric
    direction: Float64
    pairs: Secants
    steps: int = 0


@dataclass(frozen=True, slots=True)
class LBFGS:
    """Limited-memory BFGS; ``memory`` is the number of pairs, None for as many as the size allows."""

    memory: int | None = None
    name: str = "lbfgs"

    def init(self, objective: SoftmaxRegression, theta: Float64) -> Conversation[Iterate]:
        """Evaluate at ``theta`` and measure the first metric."""
        zero, want = not theta.any(), basic(objective)
        if zero and not objective.penalty.unpenalised and not objective.source.has_offset:
            sums, spent = objective.at_zero(), Effort(1, objective.work(Want.VALUE))
        else:
            sums = yield Evaluate(objective, theta, want)
            spent = effort_of(objective, want)
        metric, effort = yield from measure(objective, theta, start=zero)
        return _directed(
            objective, theta, sums, effort + spent, metric, Secants(self.memory or _affordable(objective)), 0
        )

    def resume(self, objective: SoftmaxRegression, state: Iterate) -> Conversation[Iterate]:
        """Return the iterate evaluated anew as it would be stored, with its pairs and its place in the schedule.

        It may be the last one: the curvature of the intercepts, which the proof asks for, comes with it.
        """
        assert isinstance(state, _State)
        theta = objective.stored(state.theta)
        want = basic(objective) | Want.CLASS_CURVATURE if tiltable(objective) else basic(objective)
        sums = yield Evaluate(objective, theta, want)
        effort = state.effort + effort_of(objective, want)
        return _directed(objective, theta, sums, effort, state.metric, state.pairs, state.steps)

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
        step = yield from line_search(objective, state.theta, state.sums, state.direction, -(state.decrement**2))
        effort = state.effort + step.effort
        if not step.accepted:
            # Old pairs may mislead near rounding: forget them once before giving up.
            restarted = _directed(
                objective, state.theta, state.sums, effort, state.metric, Secants(state.pairs.most), state.steps
            )
            return replace(restarted, stalled=not state.pairs)
        assert step.sums.gradient is not None
        steps, metric = state.steps + 1, state.metric
        pairs, slopes = _remember(objective, state, step.sums.gradient, step.length)
        if steps in _REFRESH:
            metric, cost = yield from measure(objective, step.theta, allowance=_METRIC_SHARE * effort.work)
            pairs = pairs.under(metric, objective.n_threads)
            effort += cost
        return _directed(objective, step.theta, step.sums, effort, metric, pairs, steps, slopes)


def _remember(objective: SoftmaxRegression, state: _State, gradient: Float64, length: float) -> tuple[Secants, Float64]:
    """Return the pairs with that of a step of such a length, and the new gradient's inner products with them."""
    y = np.empty_like(gradient)
    combine([1.0 / length, -1.0 / length], [gradient, state.gradient], y, objective.n_threads)
    return state.pairs.joined_by(state.direction, y, gradient, state.metric, objective.n_threads)


def _affordable(objective: SoftmaxRegression) -> int:
    """Return how many pairs to keep by default."""
    layout, source = objective.layout, objective.source
    if source.sparse and source.stored < _THIN * source.n_features:
        return _ONE_PAIR
    return _FEW_PAIRS if layout.n_rows * layout.columns > _LARGE else _MANY_PAIRS


def _directed(
    objective: SoftmaxRegression,
    theta: Float64,
    sums: Sums,
    effort: Effort,
    metric: Metric,
    pairs: Secants,
    steps: int,
    slopes: Float64 | None = None,
) -> _State:
    """Return the iterate with its direction, whose length in the metric of the pairs is the decrement.

    ``slopes`` are the gradient's inner products with the directions of the pairs, where they are known.
    """
    assert sums.gradient is not None
    n_threads = objective.n_threads
    known = pairs.slopes(sums.gradient, n_threads) if slopes is None else slopes
    direction = pairs.direction(metric, sums.gradient, known, n_threads)
    slope = dot(sums.gradient, direction, n_threads)
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
