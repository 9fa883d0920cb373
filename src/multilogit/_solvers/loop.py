"""The one loop: step, prove, stop; and without a penalty, decide between an optimum and a separation."""

from collections.abc import Callable
from dataclasses import dataclass

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._proofs.recession import Recession, Verdict
from multilogit._proofs.separation import separating_direction
from multilogit._solvers.base import NO_EFFORT, Effort, Iterate, Solver, with_hessian
from multilogit._solvers.descent import descend
from multilogit._solvers.lbfgs import LBFGS
from multilogit._solvers.newton import Newton
from multilogit._solvers.proof import Proof, prove
from multilogit._solvers.single import approach
from multilogit.errors import Status

__all__ = ["Progress", "Run", "minimise"]

# Called with the number of the iterate, the iterate and its proof.
Progress = Callable[[int, Iterate, Proof], None]

# Classes that are separated strictly have no optimum but the value zero: the run ends at this share of the value
# of a constant model, where the predictions are as certain as the data make them.
_SETTLED = 1e-3
_PATIENCE = 15  # unpenalised steps without a decision after which the linear program is asked


_UNASKED = Recession(Verdict.UNASKED)


@dataclass(frozen=True, slots=True)
class Run:
    """The last iterate, what it proves, how the run ended, and its effort with that of the proofs."""

    iterate: Iterate
    proof: Proof
    status: Status
    n_steps: int
    effort: Effort
    recession: Recession


def minimise(
    objective: SoftmaxRegression,
    solver: Solver,
    theta: Float64,
    *,
    tol: float,
    max_iter: int,
    progress: Progress | None = None,
) -> Conversation[Run]:
    """Run ``solver`` from ``theta`` until the relative gap is proved to be at most ``tol``."""
    state, steps, beside = yield from _first(objective, solver, theta, tol, max_iter, watched=progress is not None)
    recession = _UNASKED
    while True:
        told = progress is not None or state.stalled or steps >= max_iter
        proof = yield from prove(objective, state, tol, thorough=told)
        beside += proof.effort
        if progress is not None:
            progress(steps, state, proof)
        recession = proof.recession or recession
        status = _verdict(objective, state, proof, recession, tol)
        if status is None and _doubtful(objective, state, recession, steps, tol):
            recession = separating_direction(objective)
            status = _verdict(objective, state, proof, recession, tol)
        if status is None and steps >= max_iter:
            status = Status.SEPARATED if recession.verdict is Verdict.SEPARATED else Status.MAX_ITER
        if status is not None:
            return Run(state, proof, status, steps, state.effort + beside, recession)
        state = yield from solver.step(objective, state)
        steps += 1


def _first(
    objective: SoftmaxRegression, solver: Solver, theta: Float64, tol: float, max_iter: int, *, watched: bool
) -> Conversation[tuple[Iterate, int, Effort]]:
    """Return the iterate to start from, the steps to it in compiled code or in float32, and effort that it lacks."""
    if isinstance(solver, Newton) and not watched:
        near = descend(objective, theta, tol, max_iter)
        spent = Effort(near.sweeps, near.sweeps * objective.work(with_hessian(objective)))
        theta = objective.stored(near.theta)  # it is likely to be the last one
        state = yield from solver.start(objective, theta, near.sums if theta is near.theta else None)
        return state, near.steps, spent
    state = yield from solver.init(objective, theta)
    if isinstance(solver, LBFGS) and objective.halvable and not objective.penalty.unpenalised:
        state, steps = yield from approach(objective, solver, state, tol, max_iter)
        return state, steps, NO_EFFORT
    return state, 0, NO_EFFORT


def _verdict(
    objective: SoftmaxRegression, state: Iterate, proof: Proof, recession: Recession, tol: float
) -> Status | None:
    """Return how the run ended, None if it goes on."""
    target = tol * abs(state.value)
    if proof.recession is not None:
        settled = state.stalled or state.value <= _SETTLED * objective.null_value
        return Status.SEPARATED if settled else None
    if recession.verdict is Verdict.SEPARATED:  # found by the search: what the other classes have comes first
        return Status.SEPARATED if state.stalled or state.estimate <= target else None
    if proof.gap <= target:
        return Status.CONVERGED
    unproved = objective.penalty.unpenalised and state.factor is None and state.estimate <= target
    if unproved or (state.stalled and recession.verdict is Verdict.UNDECIDED):
        return Status.UNDECIDED
    return Status.STALLED if state.stalled else None


def _doubtful(objective: SoftmaxRegression, state: Iterate, recession: Recession, steps: int, tol: float) -> bool:
    """Return whether a solver with a Hessian should have proved a finite optimum by now."""
    if not objective.penalty.unpenalised or state.factor is None or recession is not _UNASKED:
        return False
    return steps >= _PATIENCE or state.stalled or state.estimate <= tol * abs(state.value)
