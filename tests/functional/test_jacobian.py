"""The softmax Jacobian and its products."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from multilogit.errors import InputError
from multilogit.functional import gradient_check, softmax, softmax_jacobian, softmax_jvp, softmax_vjp

EPS = np.finfo(np.float64).eps
matrices = hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 6)), elements=st.floats(-30, 30))


@settings(deadline=None)
@given(matrices)
def test_symmetric_positive_semidefinite_with_zero_row_sums(Z):
    J = softmax_jacobian(Z)
    np.testing.assert_array_equal(J, np.swapaxes(J, -1, -2))
    assert np.linalg.eigvalsh(J).min() >= -4 * EPS
    np.testing.assert_allclose(J.sum(axis=-1), 0.0, atol=4 * EPS)
    P = softmax(Z)
    np.testing.assert_allclose(J, P[..., None] * (np.eye(Z.shape[1]) - P[:, None]), rtol=0, atol=2 * EPS)


@settings(deadline=None)
@given(st.data())
def test_products_equal_the_matrix_times_the_vector(data):
    Z = data.draw(matrices)
    v = data.draw(hnp.arrays(np.float64, Z.shape, elements=st.floats(-10, 10)))
    expected = np.einsum("nij,nj->ni", softmax_jacobian(Z), v)
    np.testing.assert_allclose(softmax_jvp(Z, v), expected, rtol=0, atol=100 * EPS)
    np.testing.assert_allclose(softmax_vjp(Z, v), expected, rtol=0, atol=100 * EPS)
    np.testing.assert_allclose(softmax_jvp(Z, v).sum(axis=-1), 0.0, atol=100 * EPS)


@settings(deadline=None, max_examples=20)
@given(hnp.arrays(np.float64, st.integers(1, 5), elements=st.floats(-3, 3)))
def test_against_finite_differences(z):
    assert gradient_check(softmax, z, softmax_jacobian(z)).relative_error < 1e-7
    u = np.linspace(-1, 2, len(z))
    assert gradient_check(lambda z: u @ softmax(z), z, softmax_vjp(z, u)).relative_error < 1e-6


@pytest.mark.parametrize("gap", [1.0, 40.0, 300.0])
def test_every_entry_keeps_its_relative_accuracy(gap):
    """Where p rounds to 1, p (1 - p) computed as written is 0."""
    z = np.array([0.0, -gap, -gap - 1.0])
    v = np.array([3.0, -1.0, 0.5])
    with mpmath.workdps(400):
        e = [mpmath.exp(mpmath.mpf(value)) for value in z]
        p = [value / sum(e) for value in e]
        J = [[p[i] * ((i == j) - p[j]) for j in range(3)] for i in range(3)]
        product = [sum(row[j] * mpmath.mpf(v[j]) for j in range(3)) for row in J]
    np.testing.assert_allclose(softmax_jacobian(z), np.array(J, dtype=float), rtol=4 * EPS)
    np.testing.assert_allclose(softmax_jvp(z, v), np.array(product, dtype=float), rtol=8 * EPS)


def test_products_never_form_the_matrix():
    """A matrix of 200,000 classes would take 320 GB."""
    z = np.linspace(-1, 1, 200_000)
    np.testing.assert_allclose(softmax_jvp(z, np.ones_like(z)), 0.0, atol=1e-20)
    assert softmax_vjp(z, z).sum() == pytest.approx(0.0, abs=1e-15)


def test_shapes_and_types():
    Z = np.zeros((2, 3, 4), np.float32)
    assert softmax_jacobian(Z).shape == (2, 3, 4, 4)
    assert softmax_jacobian(Z).dtype == softmax_jvp(Z, Z).dtype == np.float32
    assert softmax_jvp(Z, Z.astype(np.float64)).dtype == np.float64
    assert softmax_jacobian(np.zeros((0, 4))).shape == (0, 4, 4)
    assert softmax_jvp(np.zeros((0, 4)), np.zeros((0, 4))).shape == (0, 4)


def test_only_the_row_without_a_softmax_is_nan():
    Z = np.array([[0.0, 1.0], [np.nan, 0.0], [np.inf, 0.0]])
    J, product = softmax_jacobian(Z), softmax_jvp(Z, np.ones((3, 2)))
    assert np.isnan(J[1]).all()
    assert np.isnan(product[1]).all()
    assert np.isfinite(J[[0, 2]]).all()
    np.testing.assert_array_equal(product[2], [0.0, 0.0])
    assert np.isnan(softmax_vjp([0.0, 1.0], [np.inf, 0.0])).any()


def test_directions_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"tangent must have the shape of logits, \(2, 3\). Got \(3,\)."):
        softmax_jvp(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(InputError, match="cotangent must have the shape"):
        softmax_vjp(np.zeros(3), np.zeros(4))
