"""What an iterate proves: a bound of its distance to the optimum, a separation, or nothing yet."""

import math
from dataclasses import dataclass, field, replace

from multilogit._objective.duality_gap import duality_gap, optimistic_gap, tilted_gap
from multilogit._objective.recession import Recession, Verdict, separation_of
from multilogit._objective.self_concordance import decrement_bound, largest_logit_change
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._solvers.base import Effort, Iterate

__all__ = ["Proof", "prove"]

_CLEAR_MARGIN = 1e-6  # in logits: far above the rounding of a logit, and soon reached when classes are separated

_NEAR = 1e3  # how far above the tolerance the estimate may be when the proof is tried
_FINEST = 1e-12


@dataclass(frozen=True, slots=True)
class Proof:
    """``gap`` bounds f - f*; ``recession`` is set if the iterate separates the classes."""

    kind: str
    gap: float
    recession: Recession | None = None
    effort: Effort = field(default_factory=Effort)


def prove(objective: SoftmaxRegression, state: Iterate, tol: float) -> Proof:
    """Return what ``state`` proves, at no sweep under a penalty and at most one without.

    Without a penalty the proof is attempted only once the estimate is near ``tol`` times the value.
    """
    if not objective.penalty.unpenalised:
        gap, effort = _penalised_gap(objective, state, tol)
        return Proof("duality gap", gap, effort=effort)
    proof = Proof("newton decrement", math.inf)
    if state.sums.margin is not None and state.sums.margin[0] > _CLEAR_MARGIN:
        recession = separation_of(objective, state.theta)
        if recession.verdict is Verdict.SEPARATED:
            return replace(proof, recession=recession, effort=Effort(1, 0.5))
    near = state.estimate <= _NEAR * max(tol, _FINEST) * abs(state.value)
    if state.factor is None or state.factor.shift > 0 or not near:
        return proof
    M = largest_logit_change(objective, state.factor.inverse())
    work = objective.layout.n_rows * objective.layout.free_rows / 4.0
    return replace(proof, gap=decrement_bound(state.decrement, M), effort=Effort(1, work))


def _penalised_gap(objective: SoftmaxRegression, state: Iterate, tol: float) -> tuple[float, Effort]:
    """Return the free bound, or the sharper one of one more sweep where that one alone can settle the run."""
    gap = float(duality_gap(objective, state.theta, state.sums)[0])
    target = tol * abs(state.value)
    if gap <= target or float(optimistic_gap(objective, state.sums)[0]) > 0.5 * target:
        return gap, Effort()
    return min(gap, float(tilted_gap(objective, state.theta, state.sums)[0])), Effort(1, 1.5)
