"""Cross-entropy of the linear softmax layer: value, gradient, Hessian-vector product and Hessian."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from multilogit.errors import InputError
from multilogit.functional import (
    cross_entropy_with_logits,
    cross_entropy_with_logits_gradient,
    gradient_check,
    linear_cross_entropy,
    linear_cross_entropy_gradient,
    linear_cross_entropy_hessian,
    linear_cross_entropy_hvp,
    linear_logits,
)

RNG = np.random.default_rng(0)
N, D, K = 7, 3, 4
X, W, b = RNG.standard_normal((N, D)), RNG.standard_normal((D, K)), RNG.standard_normal(K)
V, v = RNG.standard_normal((D, K)), RNG.standard_normal(K)
LABELS, SOFT = RNG.integers(0, K, N), RNG.dirichlet(np.ones(K), size=N)
WEIGHT = np.array([1.0, 2.0, 0.0, 0.5, 1.0, 3.0, 0.25])
OPTIONS = [
    {},
    {"sample_weight": WEIGHT},
    {"sample_weight": WEIGHT, "reduction": "mean", "label_smoothing": 0.2},
]


@pytest.mark.parametrize("options", [*OPTIONS, {"reduction": "none"}])
@pytest.mark.parametrize("intercept", [None, b])
def test_value_is_the_cross_entropy_of_the_logits(intercept, options):
    expected = cross_entropy_with_logits(LABELS, linear_logits(X, W, intercept), **options)
    np.testing.assert_array_equal(linear_cross_entropy(LABELS, X, W, intercept, **options), expected)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("targets", [LABELS, SOFT])
def test_gradient_is_the_shortcut(targets, options):
    loss, dW, db = linear_cross_entropy_gradient(targets, X, W, b, **options)
    assert loss == linear_cross_entropy(targets, X, W, b, **options)
    R = cross_entropy_with_logits_gradient(targets, linear_logits(X, W, b), **options)
    np.testing.assert_allclose(dW, X.T @ R, rtol=0, atol=1e-14)
    np.testing.assert_allclose(db, R.sum(axis=0), rtol=0, atol=1e-14)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("targets", [LABELS, SOFT])
def test_gradient_against_finite_differences(targets, options):
    _, dW, db = linear_cross_entropy_gradient(targets, X, W, b, **options)
    check = gradient_check(lambda W: linear_cross_entropy(targets, X, W, b, **options), W, dW)
    assert check.relative_error < 1e-7, str(check)
    check = gradient_check(lambda b: linear_cross_entropy(targets, X, W, b, **options), b, db)
    assert check.relative_error < 1e-7, str(check)


@pytest.mark.parametrize("options", OPTIONS)
def test_hessian_against_finite_differences_of_the_gradient(options):
    H = linear_cross_entropy_hessian(LABELS, X, W, b, **options)
    assert H.shape == (D + 1, K, D + 1, K)

    def gradient(theta):
        _, dW, db = linear_cross_entropy_gradient(LABELS, X, theta[:D], theta[D], **options)
        return np.vstack([dW, db])

    check = gradient_check(gradient, np.vstack([W, b]), H)
    assert check.relative_error < 1e-7, str(check)
    without = linear_cross_entropy_hessian(LABELS, X, W, np.zeros(K), **options)[:D, :, :D]
    np.testing.assert_allclose(linear_cross_entropy_hessian(LABELS, X, W, **options), without, atol=1e-15)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("targets", [LABELS, SOFT, SOFT * (1 + 9e-7)])
def test_product_is_the_hessian_times_the_direction(targets, options):
    H = linear_cross_entropy_hessian(targets, X, W, b, **options)
    HV, Hv = linear_cross_entropy_hvp(targets, X, W, b, V, v, **options)
    np.testing.assert_allclose(np.vstack([HV, Hv]), np.tensordot(H, np.vstack([V, v]), 2), rtol=0, atol=1e-13)
    HV, Hv = linear_cross_entropy_hvp(targets, X, W, b, V, **options)
    expected = np.tensordot(H, np.vstack([V, 0 * v]), 2)
    np.testing.assert_allclose(np.vstack([HV, Hv]), expected, rtol=0, atol=1e-13)
    H = linear_cross_entropy_hessian(targets, X, W, **options)
    HV, Hv = linear_cross_entropy_hvp(targets, X, W, None, V, **options)
    assert Hv is None
    np.testing.assert_allclose(HV, np.tensordot(H, V, 2), rtol=0, atol=1e-13)


def test_hessian_is_exact_for_sums_that_are_one_only_nearly():
    nearly = linear_cross_entropy_hessian(SOFT * (1 + 9e-7), X, W, b)
    np.testing.assert_allclose(nearly, (1 + 9e-7) * linear_cross_entropy_hessian(SOFT, X, W, b), rtol=1e-13)


@settings(deadline=None)
@given(
    hnp.arrays(np.float64, (5, 2), elements=st.floats(-3, 3)),
    hnp.arrays(np.float64, (2, 3), elements=st.floats(-3, 3)),
)
def test_hessian_is_symmetric_positive_semidefinite_and_flat_along_common_shifts(X, W):
    H = linear_cross_entropy_hessian(np.zeros(5, int), X, W, np.zeros(3))
    matrix = H.reshape(9, 9)
    scale = max(1.0, abs(matrix).max())
    np.testing.assert_allclose(matrix, matrix.T, rtol=0, atol=1e-15 * scale)
    assert np.linalg.eigvalsh(matrix).min() >= -1e-14 * scale
    np.testing.assert_allclose(H.sum(axis=3), 0.0, atol=1e-14 * scale)


def test_without_intercepts():
    loss, dW, db = linear_cross_entropy_gradient(LABELS, X, W)
    with_zeros = linear_cross_entropy_gradient(LABELS, X, W, np.zeros(K))
    assert db is None
    assert loss == with_zeros[0]
    np.testing.assert_array_equal(dW, with_zeros[1])


def test_a_row_of_weight_zero_is_as_if_deleted():
    broken = np.vstack([X, [[np.nan, np.inf, 0.0]]])
    labels, weight = np.append(LABELS, 0), np.append(np.ones(N), 0.0)
    with_row = linear_cross_entropy_gradient(labels, broken, W, b, sample_weight=weight)
    for ours, expected in zip(with_row, linear_cross_entropy_gradient(LABELS, X, W, b), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-15)
    H = linear_cross_entropy_hessian(labels, broken, W, b, sample_weight=weight)
    np.testing.assert_allclose(H, linear_cross_entropy_hessian(LABELS, X, W, b), rtol=1e-14, atol=1e-16)


def test_weights_are_repetitions():
    counts = np.array([1, 2, 0, 3, 1, 1, 2])
    repeated = linear_cross_entropy_gradient(np.repeat(LABELS, counts), np.repeat(X, counts, axis=0), W, b)
    weighted = linear_cross_entropy_gradient(LABELS, X, W, b, sample_weight=counts)
    for ours, expected in zip(weighted, repeated, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-13, atol=1e-14)


def test_one_row_and_leading_axes():
    loss, dW, db = linear_cross_entropy_gradient(2, X[0], W, b)
    batch = linear_cross_entropy_gradient([2], X[:1], W, b)
    for ours, expected in zip((loss, dW, db), batch, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-15)
    cube, labels = X[:6].reshape(2, 3, D), LABELS[:6].reshape(2, 3)
    flat = linear_cross_entropy_hessian(LABELS[:6], X[:6], W, b)
    np.testing.assert_allclose(linear_cross_entropy_hessian(labels, cube, W, b), flat, rtol=1e-14)
    np.testing.assert_allclose(
        linear_cross_entropy_hvp(labels, cube, W, b, V, v)[0],
        linear_cross_entropy_hvp(LABELS[:6], X[:6], W, b, V, v)[0],
        rtol=1e-13,
    )


def test_empty_batches_and_types():
    empty = np.zeros((0, D), np.float32)
    loss, dW, db = linear_cross_entropy_gradient([], empty, W.astype(np.float32), b.astype(np.float32))
    assert loss == 0.0
    assert loss.dtype == dW.dtype == db.dtype == np.float32
    assert not dW.any()
    assert not db.any()
    assert not linear_cross_entropy_hessian([], empty, W, b).any()
    HV, Hv = linear_cross_entropy_hvp([], empty, W.astype(np.float32), b.astype(np.float32), V, v)
    assert HV.dtype == Hv.dtype == np.float32


@pytest.mark.parametrize(
    "function", [linear_cross_entropy_gradient, linear_cross_entropy_hessian, linear_cross_entropy_hvp]
)
def test_derivatives_are_of_one_number(function):
    direction = (V, v) if function is linear_cross_entropy_hvp else ()
    with pytest.raises(InputError, match=r"reduction must be one of 'sum', 'mean'. Got 'none'"):
        function(LABELS, X, W, b, *direction, reduction="none")


def test_refused_arguments():
    bad = X.copy()
    bad[3, 1] = np.nan
    with pytest.raises(InputError, match=r"X must be finite. Got nan in row 3, column 1. Drop the row"):
        linear_cross_entropy(LABELS, bad, W, b)
    with pytest.raises(InputError, match="v is a direction in b, and b is None"):
        linear_cross_entropy_hvp(LABELS, X, W, None, V, v)
    with pytest.raises(InputError, match=r"V must have the shape of W, \(3, 4\). Got \(4, 3\)"):
        linear_cross_entropy_hvp(LABELS, X, W, b, V.T, v)
    with pytest.raises(InputError, match=r"v must have the shape of b, \(4,\). Got \(3,\)"):
        linear_cross_entropy_hvp(LABELS, X, W, b, V, v[:3])
    with pytest.raises(InputError, match="Got 4 in row 0"):
        linear_cross_entropy(LABELS * 0 + 4, X, W, b)
    with pytest.raises(InputError, match=r"must have a softmax in every row"):
        linear_cross_entropy(LABELS, X, W * np.nan, b)
