"""Loss and residual from logits: against mpmath where digits are at stake, and against the public functions."""

import mpmath
import numpy as np
import pytest
from kernels.oracle import exact_rows, to_mp

from multilogit import functional
from multilogit._kernels.residual import loss_and_residual

EPS = np.finfo(np.float64).eps
ROWS = {
    "moderate": [0.3, -1.2, 0.7, 0.0],
    "nearly certain": [40.0, 0.0, -3.0, 2.0],
    "certain": [700.0, 0.0, -3.0, 2.0],
    "binary, certain": [0.0, -36.5],
    "shifted far": [1e6 + 0.5, 1e6, 1e6 - 30.0],
    "tie": [5.0, 5.0, -20.0],
}


def exact_residual(z, Y):
    """Return (loss, mass P - Y) as mpmath numbers; the residual of class k by the others', so without cancellation."""
    P, log_P, _ = exact_rows(tuple(z))
    mass = to_mp(sum(Y))
    loss = -mpmath.fsum(to_mp(y) * value for y, value in zip(Y, log_P, strict=True) if y)
    others = [mpmath.fsum(P[j] for j in range(len(z)) if j != k) for k in range(len(z))]
    residual = [mass * p - to_mp(y) for p, y in zip(P, Y, strict=True)]
    for k, y in enumerate(Y):
        if y == sum(Y):
            residual[k] = -mass * others[k]
    return loss, residual


@pytest.mark.parametrize("row", ROWS, ids=list(ROWS))
def test_every_entry_to_a_few_ulp(row):
    """The residual at the true class is minus the sum of the others, however small: p - 1 would be 0."""
    z = np.array(ROWS[row])
    P, log_P, _ = exact_rows(tuple(z.tolist()))
    for label in range(len(z)):
        Y = np.eye(len(z))[label]
        state = loss_and_residual(z, Y)
        with mpmath.workdps(60):
            loss, residual = exact_residual(z.tolist(), Y.tolist())
            computed = [state.loss, *state.residual, *state.probability, *state.log_probability]
            for ours, truth in zip(computed, [loss, *residual, *P, *log_P], strict=True):
                # One rounding of z - max costs up to |z - max| / 2 ulp of the exponential.
                allowed = 4 * EPS * (1 + np.ptp(z) / 8) * abs(truth) + to_mp(2.0**-1070)
                assert abs(to_mp(ours) - truth) <= allowed


def test_residual_of_a_separated_row_is_not_zero():
    state = loss_and_residual(np.array([0.0, -50.0]), np.array([1.0, 0.0]))
    tail = np.exp(-50.0)
    np.testing.assert_allclose(state.residual, [-tail, tail], rtol=2 * EPS)
    np.testing.assert_allclose(state.loss, tail, rtol=2 * EPS)


@pytest.mark.parametrize("K", [2, 3, 10])
def test_equals_the_public_functions(K):
    rng = np.random.default_rng(K)
    Z = 5 * rng.normal(size=(4, 6, K))
    Y = rng.dirichlet(np.ones(K), size=(4, 6))
    state = loss_and_residual(Z, Y)
    gradient = functional.cross_entropy_with_logits_gradient(Y, Z, reduction="sum")
    np.testing.assert_allclose(state.loss, functional.cross_entropy_with_logits(Y, Z, reduction="none"), rtol=1e-13)
    np.testing.assert_allclose(state.residual, gradient, atol=4 * EPS)
    np.testing.assert_allclose(state.probability, functional.softmax(Z), rtol=1e-14)
    np.testing.assert_allclose(state.log_probability, functional.log_softmax(Z), rtol=1e-13)


def test_masses_scale_loss_and_residual():
    rng = np.random.default_rng(0)
    Z, Y, mass = rng.normal(size=(9, 4)), rng.dirichlet(np.ones(4), size=9), rng.uniform(0, 5, size=(9, 1))
    one, many = loss_and_residual(Z, Y), loss_and_residual(Z, mass * Y)
    np.testing.assert_allclose(many.loss, mass[:, 0] * one.loss, rtol=1e-14)
    np.testing.assert_allclose(many.residual, mass * one.residual, atol=1e-14)


def test_residuals_sum_to_zero():
    rng = np.random.default_rng(1)
    Z, Y = 20 * rng.normal(size=(200, 5)), rng.dirichlet(np.ones(5), size=200) * 2.0
    residual = loss_and_residual(Z, Y).residual
    assert np.abs(residual.sum(axis=1)).max() <= 4 * EPS


def test_a_class_out_of_play_changes_nothing():
    Z, Y = np.array([[1.0, -np.inf, 2.0]]), np.array([[0.25, 0.0, 0.75]])
    state, small = loss_and_residual(Z, Y), loss_and_residual(Z[:, [0, 2]], Y[:, [0, 2]])
    assert state.loss == small.loss
    assert state.residual[0, 1] == state.probability[0, 1] == 0.0
    assert state.log_probability[0, 1] == -np.inf
    np.testing.assert_array_equal(state.residual[:, [0, 2]], small.residual)


def test_target_without_probability_has_infinite_loss():
    state = loss_and_residual(np.array([[0.0, -np.inf]]), np.array([[0.0, 1.0]]))
    assert state.loss[0] == np.inf
    np.testing.assert_array_equal(state.residual, [[1.0, -1.0]])


def test_loss_and_residual_leave_their_input_alone():
    Z, Y = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]])
    loss_and_residual(Z, Y)
    np.testing.assert_array_equal(Z, [[1.0, 2.0]])
    np.testing.assert_array_equal(Y, [[0.0, 1.0]])


def test_the_residual_is_the_derivative_of_the_loss():
    rng = np.random.default_rng(3)
    Z, Y = rng.normal(size=4), rng.dirichlet(np.ones(4)) * 1.7
    h = 1e-6
    differences = [
        (loss_and_residual(Z + h * e, Y).loss - loss_and_residual(Z - h * e, Y).loss) / (2 * h) for e in np.eye(4)
    ]
    np.testing.assert_allclose(loss_and_residual(Z, Y).residual, differences, atol=1e-9)
