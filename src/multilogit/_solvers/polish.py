"""Polish: Newton corrections from a double-double gradient, until the decrement no longer falls.

Where that gradient is out of reach but the Hessian is at hand, the same corrections from float64 gradients.

In float64 the gradient at the optimum is all rounding, which leaves coefficients of ill-scaled data with eight
or nine digits. With a gradient of twice the digits the same Hessian corrects them to nearly the last one:
the error of H^-1 only slows the contraction, it does not limit the result.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from multilogit._arrays import Float64
from multilogit._objective.exact_gradient import FLOAT64_GRADIENTS, exact_gradient
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Want
from multilogit._solvers import auto
from multilogit._solvers.base import Effort, Iterate, basic, newton_length
from multilogit._solvers.factor import HessianFactor
from multilogit._solvers.loop import Run
from multilogit._solvers.metric import measure
from multilogit._solvers.newton_cg import conjugate_gradients
from multilogit._solvers.proof import Proof, prove
from multilogit.errors import Status

__all__ = ["Corrected", "Correction", "correct", "locate", "polished"]

# From a gradient G to H^-1 G, and what that cost.
Correction = Callable[[Float64], tuple[Float64, Effort]]

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
) -> Corrected:
    """Return corrected parameters; ``solve`` applies H^-1, approximately, and ``budget`` bounds the work.

    Without ``exact`` the gradients are float64: what remains is then their rounding.
    """
    best, lowest, effort = theta, math.inf, Effort()
    for _ in range(_CORRECTIONS):
        G, spent = _gradient(objective, theta, exact=exact)
        step, cost = solve(G)
        decrement = newton_length(G, step) ** 2
        effort += cost + spent
        if not decrement <= 2.0 * lowest:
            return Corrected(best, lowest, effort)
        best = theta
        # At the floor the step is the rounding of the large coefficients; it still corrects the small ones.
        theta = theta - (step + objective.layout.class_mean(theta))
        if not decrement < 0.5 * lowest or effort.work > budget:
            break
        lowest = decrement
    return Corrected(theta, min(lowest, decrement), effort)


def _gradient(objective: SoftmaxRegression, theta: Float64, *, exact: bool) -> tuple[Float64, Effort]:
    if exact:
        return exact_gradient(objective, theta), Effort(1, _GRADIENT_WORK)
    gradient = objective.evaluate(theta, Want.GRADIENT).gradient
    assert gradient is not None
    return gradient, Effort(1, 1.0)


def locate(objective: SoftmaxRegression, theta: Float64) -> Iterate:
    """Return the iterate at ``theta``, with its factored Hessian where that is affordable."""
    want = basic(objective)
    if not auto.factor_affordable(objective):
        return Iterate(theta=theta, sums=objective.evaluate(theta, want), effort=Effort(1, objective.work(want)))
    want |= Want.HESSIAN
    sums = objective.evaluate(theta, want)
    assert sums.hessian is not None
    assert sums.gradient is not None
    factor = HessianFactor.of(objective.layout, sums.hessian)
    return Iterate(
        theta=theta,
        sums=replace(sums, hessian=None),
        effort=Effort(1, objective.work(want)),
        decrement=newton_length(sums.gradient, factor.solve(sums.gradient)),
        factor=factor,
    )


def polished(objective: SoftmaxRegression, run: Run, tol: float) -> Run:
    """Return the run with its iterate corrected where that is affordable, and proved anew."""
    start, spent, exact = run.iterate, Effort(), auto.polish_affordable(objective)
    if start.factor is None and (exact or run.status is Status.STALLED):
        start = locate(objective, start.theta)
        spent = start.effort
    if start.factor is not None:
        corrected = correct(objective, start.theta, _newton_system(objective, start), exact=exact)
    elif exact:  # conjugate gradients may at most double the cost of the fit
        corrected = correct(objective, start.theta, _newton_system(objective, start), budget=run.effort.work)
    elif run.status is Status.STALLED:  # may still be proved, by one exact gradient
        corrected = Corrected(start.theta, math.inf, Effort())
    else:
        return run
    state, proof = _judged(objective, corrected.theta, tol)
    proved = proof.gap <= tol * state.value
    if not proved and not (run.status is Status.STALLED and proof.gap <= run.proof.gap):
        return run
    if state.factor is None and start.factor is not None:  # for the report, not for the proof
        decrement = newton_length(state.gradient, start.factor.solve(state.gradient))
        state = replace(state, factor=start.factor, decrement=decrement)
    effort = run.effort + spent + corrected.effort + state.effort + proof.effort
    status = Status.CONVERGED if proved else run.status
    return replace(run, iterate=state, proof=proof, effort=effort, status=status)


def _judged(objective: SoftmaxRegression, theta: Float64, tol: float) -> tuple[Iterate, Proof]:
    """Return the iterate at ``theta`` and what it proves, by the first of these that is enough.

    The duality gap; the Hessian of this very point, never of the one that the corrections started from (where no
    optimum exists, curvature decays along each correction as fast as the decrement); and the same with an exact
    gradient, because it may be the rounding of a float64 one that hides the proof.
    """
    want = basic(objective)
    if not objective.penalty.unpenalised:
        sums = objective.evaluate(theta, want)
        state = Iterate(theta=theta, sums=sums, effort=Effort(1, objective.work(want)))
        proof = prove(objective, state, tol)
        if proof.gap <= tol * state.value:
            return state, proof
    state = locate(objective, theta)
    proof = prove(objective, state, tol)
    if proof.gap <= tol * state.value:
        return state, proof
    sums = replace(state.sums, gradient=exact_gradient(objective, theta))
    state = replace(state, sums=sums, effort=state.effort + Effort(1, _GRADIENT_WORK))
    if state.factor is not None:
        decrement = newton_length(state.gradient, state.factor.solve(state.gradient))
        state = replace(state, decrement=decrement)
    return state, prove(objective, state, tol)


def _newton_system(objective: SoftmaxRegression, state: Iterate) -> Correction:
    """Return the map from a gradient to H^-1 times it: by the factor, else by conjugate gradients."""
    factor = state.factor
    if factor is not None:
        return lambda G: (factor.solve(G), Effort())
    metric, cost = measure(objective, state.theta)

    def solve_loosely(G: Float64) -> tuple[Float64, Effort]:
        solution = conjugate_gradients(objective, state.theta, G, metric, _LOOSE)
        return solution.x, solution.effort + cost

    return solve_loosely
