"""Exact Newton: value, gradient and Hessian in one sweep, one Cholesky factorisation a step."""

from dataclasses import dataclass, replace

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums
from multilogit._solvers.base import NO_EFFORT, Effort, Iterate, effort_of, newton_length, with_hessian
from multilogit._solvers.factor import HessianFactor
from multilogit._solvers.line_search import line_search

__all__ = ["Newton"]


@dataclass(frozen=True, slots=True)
class Newton:
    """``theta <- theta - a H^-1 g``, for few parameters: a sweep costs about N (D K)^2 operations."""

    name: str = "newton-cholesky"

    def init(self, objective: SoftmaxRegression, theta: Float64) -> Conversation[Iterate]:
        """Evaluate everything at ``theta``."""
        return (yield from self.start(objective, theta))

    def start(self, objective: SoftmaxRegression, theta: Float64, sums: Sums | None = None) -> Conversation[Iterate]:
        """Return the first iterate, at ``theta``, whose ``sums`` with the Hessian are free where they are known."""
        if sums is not None:
            return _factored(objective, theta, sums, NO_EFFORT)
        want = with_hessian(objective)
        sums = yield Evaluate(objective, theta, want)
        return _factored(objective, theta, sums, effort_of(objective, want))

    def step(self, objective: SoftmaxRegression, state: Iterate) -> Conversation[Iterate]:
        """Take one damped Newton step."""
        assert isinstance(state, _State)
        if state.invisible:
            return replace(state, stalled=True)
        want = with_hessian(objective)
        step = yield from line_search(objective, state.theta, state.sums, state.direction, -(state.decrement**2), want)
        effort = state.effort + step.effort
        if not step.accepted:
            return replace(state, effort=effort, stalled=True)
        sums = step.sums
        if sums.hessian is None:  # a shortened step was judged without its Hessian
            sums = yield Evaluate(objective, step.theta, want)
            effort += effort_of(objective, want)
        return _factored(objective, step.theta, sums, effort)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State(Iterate):
    direction: Float64


def _factored(objective: SoftmaxRegression, theta: Float64, sums: Sums, effort: Effort) -> _State:
    """Factor the Hessian in ``sums``, keep the Newton direction, and let go of the matrix."""
    assert sums.hessian is not None
    assert sums.gradient is not None
    factor = HessianFactor.of(objective.layout, sums.hessian)
    step = factor.solve(sums.gradient)
    return _State(
        theta=theta,
        sums=sums.without_curvature(),
        effort=effort,
        decrement=newton_length(sums.gradient, step),
        factor=factor,
        direction=-step,
    )
