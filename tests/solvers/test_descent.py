"""Newton's full steps in compiled code: those of `newton`, and where they end."""

from dataclasses import replace

import numpy as np
import pytest
from objective.problems import objective_of, parameters, problem
from objective.sweeps import assert_close, reference_of

from multilogit import _kernels
from multilogit._objective.conversation import answer
from multilogit._objective.penalty import L2
from multilogit._proofs.duality_gap import optimistic_gap
from multilogit._solvers.base import with_hessian
from multilogit._solvers.descent import descend
from multilogit._solvers.loop import minimise
from multilogit._solvers.newton import Newton
from multilogit.errors import Status

pytestmark = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")


def newton(objective, theta, steps):
    """Return the iterates of that many steps of the reference."""
    state = answer(Newton().init(objective, theta))
    states = [state]
    for _ in range(steps):
        state = answer(Newton().step(objective, state))
        states.append(state)
    return states


@pytest.mark.parametrize("K", [2, 3, 7])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("source", ["C order", "Fortran order", "strided"])
@pytest.mark.parametrize("soft", [False, True])
def test_it_takes_the_steps_of_newton(K, fit_intercept, source, soft):
    objective = problem(K, N=60, C=0.01, fit_intercept=fit_intercept, source=source, soft=soft, weighted=True,
                        offset=True)  # fmt: skip
    objective = replace(objective, penalty=L2(np.linspace(0.5, 2.0, 4)[:, None]))
    theta = 0.03 * parameters(objective)
    states = newton(reference_of(objective), theta, 3)
    for steps in (1, 2, 3):
        near, sums, taken, sweeps = descend(objective, theta, 0.0, steps)
        assert taken == steps
        assert sweeps == steps + 1
        if steps == 1:  # nearer to the optimum a gradient is nothing but rounding
            assert_close(sums, reference_of(objective).evaluate(near, with_hessian(objective)), 1e-12)
        expected = states[steps].theta
        np.testing.assert_allclose(near, expected, rtol=0, atol=1e-11 * np.abs(expected).max())
    assert (theta == 0.03 * parameters(objective)).all()


def test_it_ends_where_the_duality_gap_proves_the_tolerance():
    objective = problem(3, N=60, weighted=True)
    theta, tol = objective.layout.zeros(), 1e-5
    states = newton(reference_of(objective), theta, 6)
    gaps = [optimistic_gap(objective, state.sums) / state.value for state in states]
    expected = next(i for i, gap in enumerate(gaps) if gap <= 0.1 * tol)
    assert 1 < expected < 6
    _, _, steps, sweeps = descend(objective, theta, tol, 100)
    assert steps == expected
    assert sweeps == steps + 1


def test_a_step_that_would_have_to_be_shortened_is_left_to_python():
    """From far off a full step overshoots."""
    objective = problem(3, N=60, C=100.0, weighted=True)
    far = 40.0 * parameters(objective)
    near, sums, steps, sweeps = descend(objective, far, 1e-9, 100)
    assert sums is None
    assert steps == 0
    assert sweeps == 2
    np.testing.assert_array_equal(near, far)
    run = answer(minimise(objective, Newton(), far, tol=1e-9, max_iter=100))
    assert run.status is Status.CONVERGED


def test_the_run_counts_its_steps_and_sweeps():
    objective = problem(3, N=60)
    zeros = objective.layout.zeros()
    native = answer(minimise(objective, Newton(), zeros, tol=1e-6, max_iter=100))
    reference = answer(minimise(reference_of(objective), Newton(), zeros, tol=1e-6, max_iter=100))
    assert native.n_steps == reference.n_steps
    assert native.effort == reference.effort
    assert answer(minimise(objective, Newton(), zeros, tol=1e-6, max_iter=2)).n_steps == 2
    none = answer(minimise(objective, Newton(), zeros, tol=1e-6, max_iter=0))
    assert none.n_steps == 0
    assert none.status is Status.MAX_ITER


CANNOT = {
    "no penalty": problem(3, N=60, C=np.inf),
    "a class out of play": problem(4, N=60, mask=[[True, False, True, True]]),
    "sparse rows": problem(3, N=60, source="CSR"),
    "the reference": reference_of(problem(3, N=60)),
}


@pytest.mark.parametrize("name", CANNOT)
def test_what_it_cannot_do_is_left_to_python(name):
    objective = CANNOT[name]
    zeros = objective.layout.zeros()
    near, sums, steps, sweeps = descend(objective, zeros, 1e-6, 100)
    assert near is zeros
    assert sums is None
    assert steps == sweeps == 0


@pytest.mark.parametrize("factor", [1e160, 1e-170])
def test_curvatures_out_of_range_end_it_at_the_start(factor):
    rng = np.random.default_rng(0)
    objective = objective_of(rng.normal(size=(50, 3)) * factor, np.arange(50) % 3, 3)
    zeros = objective.layout.zeros()
    assert np.isfinite(descend(objective, zeros, 1e-6, 100).theta).all()


def test_any_number_of_steps_may_be_allowed():
    objective = problem(3, N=60)
    assert descend(objective, objective.layout.zeros(), 1e-6, 10**30).steps < 20


def test_arrays_that_do_not_fit_are_refused():
    objective = problem(3, N=60)
    rows = objective.native.rows
    assert _kernels.give_blas()
    outputs = [np.empty(shape) for shape in (1, 5 * 3, 3, 3, 15 * 15)]
    theta, strength = objective.layout.zeros(), np.ones(4)
    with pytest.raises(ValueError, match=r"\(D', 1, K'\)"):
        rows.descend(theta[1:].copy(), strength, 1e-6, 10, 1, *outputs)
    with pytest.raises(ValueError, match="strength"):
        rows.descend(theta, strength[1:].copy(), 1e-6, 10, 1, *outputs)
    for position in range(len(outputs)):
        short = [*outputs[:position], np.empty(0), *outputs[position + 1 :]]
        with pytest.raises(ValueError, match="an output has the wrong size"):
            rows.descend(theta, strength, 1e-6, 10, 1, *short)
    several = problem(3, N=60, C=[1.0, 2.0])
    with pytest.raises(ValueError, match="one problem"):
        several.native.rows.descend(several.layout.zeros(), strength, 1e-6, 10, 1, *outputs)
    with pytest.raises(TypeError):
        rows.descend(theta.astype(np.float32), strength, 1e-6, 10, 1, *outputs)
