"""Polish: Newton corrections from a double-double gradient, until the decrement no longer falls.

Where that gradient is out of reach but the Hessian is at hand, the same corrections from float64 gradients.

In float64 the gradient at the optimum is all rounding, which leaves coefficients of ill-scaled data with eight
or nine digits. With a gradient of twice the digits the same Hessian corrects them to nearly the last one:
the error of H^-1 only slows the contraction, it does not limit the result.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate
from multilogit._objective.exact_gradient import FLOAT64_GRADIENTS, exact_gradient
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Want
from multilogit._solvers import auto
from multilogit._solvers.base import NO_EFFORT, Effort, Iterate, basic, effort_of, newton_length, with_hessian
from multilogit._solvers.factor import HessianFactor
from multilogit._solvers.loop import Run
from multilogit._solvers.metric import Metric, measure
from multilogit._solvers.newton_cg import conjugate_gradients
from multilogit._solvers.proof import Proof, prove
from multilogit.errors import Status

__all__ = ["Corrected", "Correction", "correct", "locate", "polished"]

# From a gradient G to H^-1 G, and what that cost.
Correction = Callable[[Float64], Conversation[tuple[Float64, Effort]]]

_CORRECTIONS = 6
_GRADIENT_WORK = FLOAT64_GRADIENTS
_LOOSE = 1e-4  # relative residual of a correction by conjugate gradients: each of them gains about four digits


@dataclass(frozen=True, slots=True)
class Corrected:
    """The corrected parameters, and the squared decrement that the corrections reached."""

    theta: Float64
    decrement: float
    effort: Effort


def correct(
    objective: SoftmaxRegression,
    theta: Float64,
    solve: Correction,
    *,
    exact: bool = True,
    budget: float = math.inf,
    floor: float = 0.0,
) -> Conversation[Corrected]:
    """Return corrected parameters; ``solve`` applies H^-1, approximately, and ``budget`` bounds the work.

    The correction of a squared decrement within twice the ``floor``, what the rounding of theta leaves, is the last.
    Without ``exact`` the gradients are float64: what remains is then their rounding.
    """
    best, lowest, effort = theta, math.inf, NO_EFFORT
    for _ in range(_CORRECTIONS):
        G, spent = yield from _gradient(objective, theta, exact=exact)
        step, cost = yield from solve(G)
        decrement = newton_length(G, step) ** 2
        effort += cost + spent
        if not decrement <= 2.0 * lowest:
            return Corrected(best, lowest, effort)
        best = theta
        # At the floor the step is the rounding of the large coefficients; it still corrects the small ones.
        theta = theta - (step + objective.layout.class_mean(theta))
        if not decrement < 0.5 * lowest or decrement <= 2.0 * floor or effort.work > budget:
            break
        lowest = decrement
    return Corrected(theta, min(lowest, decrement), effort)


def _gradient(objective: SoftmaxRegression, theta: Float64, *, exact: bool) -> Conversation[tuple[Float64, Effort]]:
    if exact:
        return exact_gradient(objective, theta), Effort(1, _GRADIENT_WORK)
    sums = yield Evaluate(objective, theta, Want.GRADIENT)
    return sums.gradient, Effort(1, 1.0)


def locate(objective: SoftmaxRegression, theta: Float64, *, factored: bool = True) -> Conversation[Iterate]:
    """Return the iterate at ``theta``, with its factored Hessian where that is wanted and affordable."""
    want = basic(objective)
    if not (factored and auto.factor_affordable(objective)):
        sums = yield Evaluate(objective, theta, want)
        return Iterate(theta=theta, sums=sums, effort=effort_of(objective, want))
    want = with_hessian(objective)
    sums = yield Evaluate(objective, theta, want)
    factor = HessianFactor.of(objective.layout, sums.hessian)
    return Iterate(
        theta=theta,
        sums=sums.without_curvature(),
        effort=effort_of(objective, want),
        decrement=newton_length(sums.gradient, factor.solve(sums.gradient)),
        factor=factor,
    )


def polished(objective: SoftmaxRegression, run: Run, tol: float) -> Conversation[Run]:
    """Return the run with its iterate corrected where that is affordable, and proved anew."""
    start, spent, exact = run.iterate, NO_EFFORT, auto.polish_affordable(objective)
    if start.factor is None and (exact or run.status is Status.STALLED):
        start = yield from locate(objective, start.theta)
        spent = start.effort
    if start.factor is not None:
        system = yield from _newton_system(objective, start)
        floor = start.factor.rounding(start.theta)
        corrected = yield from correct(objective, start.theta, system, exact=exact, floor=floor)
    elif exact:  # conjugate gradients may at most double the cost of the fit
        system = yield from _newton_system(objective, start)
        corrected = yield from correct(objective, start.theta, system, budget=run.effort.work)
    elif run.status is Status.STALLED:  # may still be proved, by one exact gradient
        corrected = Corrected(start.theta, math.inf, NO_EFFORT)
    else:
        return run
    stored = objective.stored(corrected.theta)
    state, proof = yield from _judged(objective, stored, tol)
    if stored is not corrected.theta and not proof.gap <= tol * state.value:
        spent += state.effort + proof.effort
        state, proof = yield from _judged(objective, corrected.theta, tol)
    proved = proof.gap <= tol * state.value
    if not proved and not (run.status is Status.STALLED and proof.gap <= run.proof.gap):
        return run
    if state.factor is None and start.factor is not None:  # for the report, not for the proof
        decrement = newton_length(state.gradient, start.factor.solve(state.gradient))
        state = replace(state, factor=start.factor, decrement=decrement)
    effort = run.effort + spent + corrected.effort + state.effort + proof.effort
    status = Status.CONVERGED if proved else run.status
    return replace(run, iterate=state, proof=proof, effort=effort, status=status)


def _judged(objective: SoftmaxRegression, theta: Float64, tol: float) -> Conversation[tuple[Iterate, Proof]]:
    """Return the iterate at ``theta`` and what it proves, by the first of these that is enough.

    The duality gap; the Hessian of this very point, never of the one that the corrections started from (where no
    optimum exists, curvature decays along each correction as fast as the decrement); and the same with an exact
    gradient, because it may be the rounding of a float64 one that hides the proof.
    """
    want = basic(objective)
    if not objective.penalty.unpenalised:
        sums = yield Evaluate(objective, theta, want)
        state = Iterate(theta=theta, sums=sums, effort=effort_of(objective, want))
        proof = yield from prove(objective, state, tol)
        if proof.gap <= tol * state.value:
            return state, proof
    state = yield from locate(objective, theta)
    proof = yield from prove(objective, state, tol)
    if proof.gap <= tol * state.value:
        return state, proof
    sums = replace(state.sums, gradient=exact_gradient(objective, theta))
    state = replace(state, sums=sums, effort=state.effort + Effort(1, _GRADIENT_WORK))
    if state.factor is not None:
        decrement = newton_length(state.gradient, state.factor.solve(state.gradient))
        state = replace(state, decrement=decrement)
    return state, (yield from prove(objective, state, tol))


def _newton_system(objective: SoftmaxRegression, state: Iterate) -> Conversation[Correction]:
    """Return the map from a gradient to H^-1 times it: by the factor, else by conjugate gradients."""
    if state.factor is not None:
        return partial(_by_factor, state.factor)
    metric, cost = yield from measure(objective, state.theta)
    return partial(_by_conjugate_gradients, objective, state.theta, metric, cost)


def _by_factor(factor: HessianFactor, G: Float64) -> Conversation[tuple[Float64, Effort]]:
    yield from ()  # nothing to ask
    return factor.solve(G), NO_EFFORT


def _by_conjugate_gradients(
    objective: SoftmaxRegression, theta: Float64, metric: Metric, cost: Effort, G: Float64
) -> Conversation[tuple[Float64, Effort]]:
    solution = yield from conjugate_gradients(objective, theta, G, metric, _LOOSE)
    return solution.x, solution.effort + cost
