"""From an objective to a solution: rank, reduction, minimisation, polish, and what the end is worth."""

from dataclasses import dataclass, replace

import numpy as np

from multilogit._arrays import Float64, Integers
from multilogit._objective.conversation import Conversation, Evaluate, answer
from multilogit._objective.rank import ColumnRank
from multilogit._objective.reduction import Reduction
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Want
from multilogit._proofs.recession import Recession, Verdict
from multilogit._proofs.separation import separating_direction
from multilogit._solvers import auto
from multilogit._solvers.base import Effort, Iterate
from multilogit._solvers.loop import Progress, Run, minimise
from multilogit._solvers.newton import Newton
from multilogit._solvers.polish import locate, polished
from multilogit._solvers.prepare import Prepared, prepare
from multilogit._solvers.proof import Proof, prove
from multilogit.errors import Status

__all__ = ["Solution", "assess", "at", "moved", "solve", "solving"]


@dataclass(frozen=True)
class Solution:
    """The last iterate of one problem, how the run ended, and what it proves.

    ``coefficient_step`` estimates the distance to the optimum's parameters, where the Hessian was factored;
    ``aliased`` are column indices; rank and aliased are None where they were not determined.
    """

    iterate: Iterate
    status: Status
    proof: Proof
    solver: str
    n_iter: int
    effort: Effort
    recession: Recession
    coefficient_step: Float64 | None = None
    condition: float | None = None
    rank: int | None = None
    aliased: Integers | None = None

    @property
    def theta(self) -> Float64:
        """The parameters (D', 1, K')."""
        return self.iterate.theta

    @property
    def value(self) -> float:
        """The objective."""
        return self.iterate.value


def solve(
    objective: SoftmaxRegression,
    theta: Float64,
    *,
    solver: str = "auto",
    tol: float,
    max_iter: int,
    progress: Progress | None = None,
    digits: bool = True,
) -> Solution:
    """Minimise the single problem of ``objective`` from ``theta``; see `solving`."""
    prepared = prepare(objective)
    return answer(solving(prepared, theta, solver=solver, tol=tol, max_iter=max_iter, progress=progress, digits=digits))


def solving(
    prepared: Prepared,
    theta: Float64,
    *,
    solver: str = "auto",
    tol: float,
    max_iter: int,
    progress: Progress | None = None,
    near: bool = False,
    digits: bool = True,
) -> Conversation[Solution]:
    """Minimise a single problem from ``theta``; without ``digits`` it ends where the tolerance is proved.

    ``near`` says that theta is no far start, which zeros may be better than.
    """
    objective, rank, reduction = prepared.objective, prepared.rank, prepared.reduction
    inner = objective if reduction is None else reduction.objective
    start = theta if reduction is None else reduction.restrict(theta)
    if not near:
        start = yield from _nearer(inner, start)
    method = auto.choose(inner, solver)
    run = yield from minimise(inner, method, start, tol=tol, max_iter=max_iter, progress=progress)
    if run.status is Status.UNDECIDED and run.iterate.factor is None:
        run = yield from _decided(inner, run, tol, max_iter, progress)
    if reduction is not None and not objective.penalty.unpenalised:
        # The lifted point is judged, and polished, on the user's columns: no digit is owed to the basis.
        run = yield from _moved(objective, run, reduction.lift(run.iterate.theta), tol)
        inner, reduction = objective, None
    if run.status is Status.STALLED or (run.status is Status.CONVERGED and digits):
        run = yield from polished(inner, run, tol)
    solution = _solution(run, method.name, rank)
    return solution if reduction is None else _lifted(solution, reduction)


def assess(objective: SoftmaxRegression, theta: Float64, tol: float) -> Solution:
    """Return what can be said about ``theta`` as it is, without a step."""
    return answer(_assessed(objective, theta, tol))


def at(objective: SoftmaxRegression, solution: Solution, theta: Float64, tol: float) -> Solution:
    """Return the solution moved to ``theta``, its coefficients as they are stored, with the proof redone there."""
    return answer(moved(objective, solution, theta, tol))


def moved(objective: SoftmaxRegression, solution: Solution, theta: Float64, tol: float) -> Conversation[Solution]:
    """Return the solution moved to ``theta``, with the proof redone there: by the Hessian where it was used before.

    A solution that is there already is returned as it is.
    """
    if np.array_equal(theta, solution.theta):
        return solution
    here = yield from _assessed(objective, theta, tol, factored=solution.condition is not None)
    lost = solution.status is Status.CONVERGED and here.status is not Status.CONVERGED
    return replace(
        solution,
        iterate=here.iterate,
        status=Status.STALLED if lost else solution.status,
        proof=here.proof,
        effort=solution.effort + here.effort,
        coefficient_step=here.coefficient_step,
    )


def _assessed(
    objective: SoftmaxRegression, theta: Float64, tol: float, *, factored: bool = True
) -> Conversation[Solution]:
    """Return what ``theta`` proves; not ``factored``, by the Hessian only where nothing else proves the tolerance."""
    state = yield from locate(objective, theta, factored=factored)
    proof = yield from prove(objective, state, tol)
    if not factored and not proof.gap <= tol * state.value and auto.factor_affordable(objective):
        last = yield from _assessed(objective, theta, tol)
        return replace(last, effort=state.effort + proof.effort + last.effort)
    status = Status.CONVERGED if proof.gap <= tol * state.value else Status.MAX_ITER
    unasked = proof.recession or Recession(Verdict.UNASKED)
    return _solution(Run(state, proof, status, 0, state.effort + proof.effort, unasked), "none")


def _nearer(objective: SoftmaxRegression, theta: Float64) -> Conversation[Float64]:
    """Return ``theta`` with class rows that sum to zero, or zeros if they are better.

    A far start can lie where all curvature has rounded away.
    """
    zeros = objective.layout.zeros()
    if not theta.any():
        return zeros
    theta = theta - objective.layout.class_mean(theta)
    there = yield Evaluate(objective, theta, Want.VALUE)
    here = yield Evaluate(objective, zeros, Want.VALUE)
    return theta if there.value[0] <= here.value[0] else zeros


def _decided(
    objective: SoftmaxRegression, run: Run, tol: float, max_iter: int, progress: Progress | None
) -> Conversation[Run]:
    """Return the run with its doubt resolved, where that is affordable.

    Without a penalty only a factored Hessian proves an optimum: Newton ends what another solver began. Where
    the Hessian is out of reach, a separation can still be found.
    """
    theta = run.iterate.theta
    if auto.factor_affordable(objective):
        last = yield from minimise(
            objective, Newton(), theta, tol=tol, max_iter=max_iter - run.n_steps, progress=progress
        )
        return replace(last, n_steps=run.n_steps + last.n_steps, effort=run.effort + last.effort)
    recession = separating_direction(objective)
    separated = recession.verdict is Verdict.SEPARATED
    return replace(run, status=Status.SEPARATED if separated else Status.UNDECIDED, recession=recession)


def _moved(objective: SoftmaxRegression, run: Run, theta: Float64, tol: float) -> Conversation[Run]:
    """Return the run at ``theta``, judged there."""
    here = yield from _assessed(objective, theta, tol)
    lost = run.status is Status.CONVERGED and here.status is not Status.CONVERGED
    status = Status.STALLED if lost else run.status
    return replace(run, iterate=here.iterate, proof=here.proof, status=status, effort=run.effort + here.effort)


def _solution(run: Run, solver: str, rank: ColumnRank | None = None) -> Solution:
    state, step = run.iterate, None
    if state.factor is not None and state.factor.shift == 0 and run.status is not Status.SEPARATED:
        step = state.factor.solve(state.gradient)
    return Solution(
        iterate=state,
        status=run.status,
        proof=run.proof,
        solver=solver,
        n_iter=run.n_steps,
        effort=run.effort,
        recession=run.recession,
        coefficient_step=step,
        condition=None if state.factor is None else state.factor.condition,
        rank=None if rank is None else rank.rank,
        aliased=None if rank is None else rank.aliased,
    )


def _lifted(solution: Solution, reduction: Reduction) -> Solution:
    """Return the solution on the user's columns; an aliased column adds nothing to the gradient."""
    state, step, recession = solution.iterate, solution.coefficient_step, solution.recession
    if recession.direction is not None:
        recession = replace(recession, direction=reduction.lift(recession.direction[:, None])[:, 0])
    return replace(
        solution,
        iterate=replace(state, theta=reduction.lift(state.theta), factor=None),
        recession=recession,
        coefficient_step=None if step is None else reduction.lift(step),
    )
