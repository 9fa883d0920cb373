"""What an iterate proves: a bound of its distance to the optimum, a separation, or nothing yet."""

import math
from dataclasses import dataclass

from multilogit._objective.conversation import Conversation
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._proofs.duality_gap import duality_gap, optimistic_gap, tilted_gap
from multilogit._proofs.recession import Recession, Verdict, separation_of
from multilogit._proofs.self_concordance import decrement_bound, largest_logit_change
from multilogit._solvers.base import NO_EFFORT, Effort, Iterate

__all__ = ["Proof", "prove", "tiltable"]

_CLEAR_MARGIN = 1e-6  # in logits: far above the rounding of a logit, and soon reached when classes are separated

_NEAR = 1e3  # how far above the tolerance the estimate may be when the proof is tried
_FINEST = 1e-12
_WITHIN_REACH = 2.0  # how far beyond the tolerance the gap at a stationary intercept may be when the gap is worked out
_MANY_CLASSES = 2_000  # the sharper dual bound inverts a matrix of classes by classes


@dataclass(frozen=True, slots=True)
class Proof:
    """``gap`` bounds f - f*; ``recession`` is set if the iterate separates the classes."""

    kind: str
    gap: float
    recession: Recession | None = None
    effort: Effort = NO_EFFORT


def prove(objective: SoftmaxRegression, state: Iterate, tol: float, *, thorough: bool = True) -> Conversation[Proof]:
    """Return what ``state`` proves, at few sweeps more than the iterate's own.

    Under a penalty the duality gap is nearly free, but as loose as the columns are large; where it fails although
    the estimate is within ``tol`` times the value, and always without a penalty, the factored Hessian proves.
    Unless ``thorough``, a bound that cannot settle the run is not worked out: nobody will read it.
    """
    target = tol * abs(state.value)
    if objective.penalty.unpenalised:
        recession = _recession_of(objective, state)
        if recession is not None:
            return Proof("newton decrement", math.inf, recession, Effort(1, 0.5))
        return _by_hessian(objective, state, _NEAR * max(target, _FINEST * abs(state.value)) if thorough else target)
    dual = yield from _by_duality(objective, state, target, thorough=thorough)
    if dual.gap <= target:
        return dual
    newton = _by_hessian(objective, state, target)
    tighter = newton if newton.gap < dual.gap else dual
    return Proof(tighter.kind, tighter.gap, effort=dual.effort + newton.effort)


def tiltable(objective: SoftmaxRegression) -> bool:
    """Return whether the sharper dual bound may be asked for, which needs the curvature between the classes."""
    return objective.layout.fit_intercept and objective.layout.n_classes <= _MANY_CLASSES


def _by_duality(objective: SoftmaxRegression, state: Iterate, target: float, *, thorough: bool) -> Conversation[Proof]:
    """Return the better of two bounds, of which the sharper is asked for where it alone can reach the target.

    That one is free where the Hessian is at hand, and comes first there; else it takes two sweeps, and comes last.
    """
    gap, effort, optimistic = state.value, NO_EFFORT, optimistic_gap(objective, state.sums)  # no optimum is negative
    few, factor = objective.layout.n_classes <= _MANY_CLASSES, state.factor
    if factor is not None and few and optimistic <= target:
        tilted = yield from tilted_gap(objective, state.theta, state.sums, factor.last_columns)
        gap = min(gap, tilted)
    if gap > target and (thorough or optimistic <= _WITHIN_REACH * target):
        gap = min(gap, duality_gap(objective, state.theta, state.sums))
    if gap > target and factor is None and few and optimistic <= 0.5 * target:
        tilted = yield from tilted_gap(objective, state.theta, state.sums)
        sweeps = 2 if state.sums.class_curvature is None else 1
        gap, effort = min(gap, tilted), Effort(sweeps, float(sweeps))
    return Proof("duality gap", gap, effort=effort)


def _by_hessian(objective: SoftmaxRegression, state: Iterate, near: float) -> Proof:
    """Return the self-concordance bound, if the Hessian was factored soundly and the estimate is at most ``near``."""
    if state.factor is None or state.estimate > near or not state.factor.sound:
        return Proof("newton decrement", math.inf)
    M = largest_logit_change(objective, state.factor.inverse())
    work = objective.layout.n_rows * objective.layout.free_rows / 4.0
    # The factor lives where class rows sum to zero. Off it only the penalty counts, and by its gradient alone.
    off = objective.layout.weights(objective.layout.class_mean(state.gradient))
    excess = 0.0 if objective.penalty.unpenalised else float(objective.penalty.conjugate(off)[0])
    return Proof("newton decrement", decrement_bound(state.decrement, M) + excess, effort=Effort(1, work))


def _recession_of(objective: SoftmaxRegression, state: Iterate) -> Recession | None:
    """Return the iterate as a direction of recession, if it classifies every row right by a clear margin."""
    if state.sums.margin is None or not state.sums.margin[0] > _CLEAR_MARGIN:
        return None
    recession = separation_of(objective, state.theta)
    return recession if recession.verdict is Verdict.SEPARATED else None
