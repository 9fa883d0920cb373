"""The linear softmax layer and the derivative of its probabilities."""

import numpy as np
import pandas as pd
import pytest

from multilogit.errors import InputError
from multilogit.functional import (
    gradient_check,
    linear_logits,
    linear_softmax_jacobian,
    softmax,
    softmax_jacobian,
)

RNG = np.random.default_rng(0)
X, W, b = RNG.standard_normal((4, 3)), RNG.standard_normal((3, 5)), RNG.standard_normal(5)


def test_logits():
    np.testing.assert_array_equal(linear_logits(X, W, b), X @ W + b)
    np.testing.assert_array_equal(linear_logits(X, W), X @ W)
    np.testing.assert_allclose(linear_logits(X[0], W, b), (X @ W + b)[0], rtol=1e-14)
    np.testing.assert_array_equal(linear_logits(pd.DataFrame(X), pd.DataFrame(W), pd.Series(b)), X @ W + b)
    assert linear_logits(np.zeros((2, 0, 3)), W, b).shape == (2, 0, 5)
    np.testing.assert_array_equal(linear_logits(np.zeros((2, 0)), np.zeros((0, 5)), b), [b, b])


def test_types():
    X32, W32 = X.astype(np.float32), W.astype(np.float32)
    assert linear_logits(X32, W32).dtype == np.float32
    assert linear_logits(X32, W32, b).dtype == np.float64
    assert linear_softmax_jacobian(X32, W32).dtype == np.float32
    assert linear_logits([1, 2, 3], np.ones((3, 2), int)).dtype == np.float64


def test_jacobian_by_its_formula():
    P = softmax(X @ W + b)
    J = linear_softmax_jacobian(X, W, b)
    assert J.shape == (4, 5, 3, 5)
    expected = P[:, :, None, None] * (np.eye(5)[:, None, :] - P[:, None, None, :]) * X[:, None, :, None]
    np.testing.assert_allclose(J, expected, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(linear_softmax_jacobian(X[1], W, b), J[1])
    np.testing.assert_allclose(J.sum(axis=1), 0.0, atol=1e-15)


@pytest.mark.parametrize("intercept", [None, b])
def test_jacobian_against_finite_differences(intercept):
    check = gradient_check(
        lambda W: softmax(linear_logits(X[0], W, intercept)), W, linear_softmax_jacobian(X[0], W, intercept)
    )
    assert check.relative_error < 1e-7, str(check)


def test_jacobian_is_the_chain_rule():
    layer = np.einsum("d,kl->kdl", X[0], np.eye(5))
    chain = np.tensordot(softmax_jacobian(X[0] @ W + b), layer, 1)
    np.testing.assert_allclose(linear_softmax_jacobian(X[0], W, b), chain, rtol=0, atol=1e-16)


def test_an_overflow_is_infinite_without_a_warning():
    np.testing.assert_array_equal(linear_logits([1e300], [[1e300, -1e300]]), [np.inf, -np.inf])
    assert np.isnan(linear_logits([np.inf, 1.0], [[0.0], [1.0]])).all()


@pytest.mark.parametrize("function", [linear_logits, linear_softmax_jacobian])
@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((X, W.T), InputError, r"X must have shape \(..., 5\).* Got \(4, 3\). W has features in rows"),
        ((X, W[0]), InputError, r"W must have shape \(D, K\).* Got \(5,\)"),
        ((X, W[:, :0]), InputError, r"Got \(3, 0\)"),
        ((X, W, b[:-1]), InputError, r"b must have shape \(5,\).* Got \(4,\)"),
        ((X, W, 1.0), InputError, r"Got \(\)"),
        ((3.0, W), InputError, r"Got \(\)"),
        ((X.astype(str), W), TypeError, "X must be real numbers"),
        ((X, W * 1j), TypeError, "W must be real numbers"),
    ],
)
def test_refused_arguments(function, arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        function(*arguments)
