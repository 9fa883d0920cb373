"""Every solver against the certified optima: the gap at every iterate, the passes, the digits."""

import numpy as np
import pytest
import references
from objective.fits import certified, in_user_units
from tables import SOLVERS

from multilogit._objective.conversation import answer
from multilogit._proofs.recession import Verdict
from multilogit._solvers.loop import minimise
from multilogit._solvers.solve import solve
from multilogit.errors import Status

# The rounding of the objective itself, a sum over rows: what the gap need not cover.
ROUNDING = 1e-13
# Passes to a true relative suboptimality of 1e-6 and 1e-9 that the design was measured with.
PASSES = {
    "iris": ("newton-cholesky", 13, 15),
    "wine": ("newton-cholesky", 17, 17),
    "breast_cancer": ("newton-cholesky", 17, 17),
    "digits": ("lbfgs", 96, 153),
}
# What the proof of the same precision may cost beyond reaching it.
SLACK = 1.1


def history(name, solver):
    """Return the run, and (passes, f - f*, gap, f) of every iterate."""
    objective, reference = certified(name)
    seen = []

    def note(step, state, proof):
        assert step == len(seen)
        seen.append((state.effort.passes, float(state.value - reference.value), proof.gap, state.value))

    zeros = objective.layout.zeros()
    run = answer(minimise(objective, SOLVERS[solver], zeros, tol=1e-9, max_iter=400, progress=note))
    return run, np.array(seen)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("name", references.EVERY)
def test_the_gap_holds_at_every_iterate(name, solver):
    run, seen = history(name, solver)
    _, excess, gap, value = seen.T
    assert len(seen) == run.n_steps + 1
    assert (gap >= excess - ROUNDING * value).all()
    assert (gap >= 0).all()
    # The values never rise beyond their rounding.
    assert (np.diff(value) <= ROUNDING * value[:-1]).all()
    if name in references.PENALISED:
        assert np.isfinite(gap).all()
    if name in references.PENALISED or solver == "newton-cholesky":
        assert run.status is Status.CONVERGED
        assert gap[-1] <= 1e-9 * value[-1]
    else:  # without a Hessian nothing is proved, and nothing is claimed
        assert run.status is Status.UNDECIDED
        assert np.isinf(gap).all()
        assert excess[-1] <= 1e-6 * value[-1]


@pytest.mark.parametrize("name", PASSES)
def test_passes(name):
    solver, to_six, to_nine = PASSES[name]
    run, seen = history(name, solver)
    passes, excess, _, value = seen.T
    assert passes[(excess <= 1e-6 * value).argmax()] <= to_six
    assert passes[(excess <= 1e-9 * value).argmax()] <= to_nine
    assert run.effort.passes <= SLACK * to_nine


@pytest.mark.parametrize("solver", ["auto", *SOLVERS])
@pytest.mark.parametrize("name", references.EVERY)
def test_twelve_digits(name, solver):
    """The polish makes the same numbers of any solver's last iterate."""
    objective, reference = certified(name)
    solution = solve(objective, objective.layout.zeros(), solver=solver, tol=1e-9, max_iter=1000)
    assert solution.status is Status.CONVERGED
    assert solution.proof.gap <= 1e-9 * solution.value
    assert solution.proof.gap >= float(solution.value - reference.value) - ROUNDING * solution.value
    coefficients = in_user_units(objective, solution.theta)
    assert reference.digits(coefficients) >= 12
    assert reference.error_of_zeros(coefficients) <= 1e-15
    if len(coefficients) > 1:
        assert np.abs(coefficients.sum(axis=0)).max() <= 1e-13 * np.abs(coefficients).max()
    constant = {"digits": 61}.get(name, objective.layout.n_features)  # three of its pixels are never lit
    assert solution.rank == constant
    assert solution.recession.verdict is not Verdict.SEPARATED


def test_the_references_are_what_they_say():
    for name in references.EVERY:
        reference = references.load(name)
        rows = 1 if reference.n_classes == 2 else reference.n_classes - (name in references.UNPENALISED)
        assert reference.coefficients.shape == (rows, reference.X.shape[1] + 1)
        exact = reference.coefficients.astype(float)
        if name in references.UNPENALISED and rows > 1:
            exact = np.vstack([np.zeros(exact.shape[1]), exact])
        assert reference.digits(exact) == 15.95
        assert reference.digits(exact * (1 + 1e-7)) == pytest.approx(7, abs=0.01)
    assert (references.load("digits").coefficients.astype(float) == 0).sum() == 30
