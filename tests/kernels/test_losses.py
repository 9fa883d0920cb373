"""Losses of rows: values by hand and to mpmath, derivatives by differences, the fused ones against their parts."""

import math

import mpmath
import numpy as np
import pytest
from kernels.oracle import DIGITS, to_mp

from multilogit._kernels.activations import ACTIVATIONS
from multilogit._kernels.losses import LOSSES
from multilogit.functional import gradient_check

DTYPES = [np.float32, np.float64]
LN2, LN3 = math.log(2), math.log(3)
FUSED = {
    "softmax_cross_entropy": ("softmax", "categorical_cross_entropy"),
    "logistic_cross_entropy": ("sigmoid", "binary_cross_entropy"),
}
# What a loss takes, targets, the loss and its derivative.
BY_HAND = [
    ("softmax_cross_entropy", [0, LN3], [0, 1], 2 * LN2 - LN3, [0.25, -0.25]),
    ("softmax_cross_entropy", [0, LN3], [0.5, 1.5], 4 * LN2 - 1.5 * LN3, [0.0, 0.0]),
    ("softmax_cross_entropy", [0, LN3], [0, 0], 0.0, [0.0, 0.0]),
    ("logistic_cross_entropy", [0], [1], LN2, [-0.5]),
    ("logistic_cross_entropy", [LN3, -LN3], [1, 1], (4 * LN2 - LN3) / 2, [-0.125, -0.375]),
    ("logistic_cross_entropy", [LN3], [0.75], 2 * LN2 - 0.75 * LN3, [0.0]),
    ("squared_error", [3, -1], [1, 0], 2.5, [2.0, -1.0]),
    ("squared_error", [0.5], [0.5], 0.0, [0.0]),
    ("binary_cross_entropy", [0.25, 0.75], [0, 1], 2 * LN2 - LN3, [2 / 3, -2 / 3]),
    ("binary_cross_entropy", [0.5], [0.25], LN2, [1.0]),
    ("categorical_cross_entropy", [0.25, 0.75], [0, 1], 2 * LN2 - LN3, [1.0, -1 / 3]),
    ("categorical_cross_entropy", [1, 3], [0, 1], 2 * LN2 - LN3, [0.25, -1 / 12]),
    ("categorical_cross_entropy", [0.5, 0.5], [2, 2], 4 * LN2, [0.0, 0.0]),
]


def inputs(name, seed, N=6, K=4):
    """Return what a loss takes, and targets that it is made for."""
    rng = np.random.default_rng(seed)
    x, Y = rng.normal(size=(N, K)) * 2, rng.normal(size=(N, K))
    if name in {"binary_cross_entropy", "categorical_cross_entropy"}:
        x = rng.uniform(0.05, 0.95, size=(N, K))
    if name in {"binary_cross_entropy", "logistic_cross_entropy"}:
        Y = rng.uniform(size=(N, K))
    elif name != "squared_error":
        Y = rng.uniform(size=(N, K)) * (rng.uniform(size=(N, K)) > 0.4)
    Y[0], Y[1] = np.eye(K)[1], np.ones(K)
    return x, Y


def many_digits(row):
    return [to_mp(each) for each in row]


def exact(name, x, y):
    """Return the loss of one row of numbers with 80 digits, by its definition."""
    K = len(x)
    if name == "softmax_cross_entropy":
        return mpmath.log(mpmath.fsum(map(mpmath.exp, x))) * mpmath.fsum(y) - mpmath.fdot(x, y)
    if name == "squared_error":
        return mpmath.fsum((a - b) ** 2 for a, b in zip(x, y, strict=True)) / K
    if name == "categorical_cross_entropy":
        return -mpmath.fsum(b * mpmath.log(a / mpmath.fsum(x)) for a, b in zip(x, y, strict=True))
    if name == "logistic_cross_entropy":
        x = [1 / (1 + mpmath.exp(-each)) for each in x]
    return -mpmath.fsum(b * mpmath.log(a) + (1 - b) * mpmath.log(1 - a) for a, b in zip(x, y, strict=True)) / K


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "x", "y", "value", "derivative"), BY_HAND)
def test_values_and_derivatives_by_hand(name, x, y, value, derivative, dtype):
    found = LOSSES[name](np.array([x], dtype), np.array([y], dtype))
    eps = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(found.value, [value], rtol=eps, atol=eps)
    np.testing.assert_allclose(found.derivative, [derivative], rtol=eps, atol=eps)
    assert found.value.dtype == found.derivative.dtype == dtype


@pytest.mark.parametrize("name", LOSSES)
def test_values_to_mpmath(name):
    x, Y = inputs(name, 1)
    found = LOSSES[name](x, Y).value
    with mpmath.workdps(DIGITS):
        for i in range(len(x)):
            assert found[i] == pytest.approx(float(exact(name, many_digits(x[i]), many_digits(Y[i]))), rel=2e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_derivatives_to_mpmath(name):
    x, Y = inputs(name, 2, N=4, K=3)
    found = LOSSES[name](x, Y).derivative
    with mpmath.workdps(DIGITS):
        for i, k in np.ndindex(x.shape):
            row, y = many_digits(x[i]), many_digits(Y[i])
            slope = mpmath.diff(lambda t: exact(name, [*row[:k], t, *row[k + 1 :]], y), row[k])  # noqa: B023
            assert found[i, k] == pytest.approx(float(slope), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("name", LOSSES)
def test_derivatives_by_differences(name):
    x, Y = inputs(name, 3)
    check = gradient_check(lambda z: LOSSES[name](z, Y).value.sum(), x, LOSSES[name](x, Y).derivative)
    assert check.relative_error < 1e-8


@pytest.mark.parametrize("name", FUSED)
def test_a_fused_loss_is_its_activation_and_its_loss(name):
    activation, loss = ACTIVATIONS[FUSED[name][0]], LOSSES[FUSED[name][1]]
    z, Y = inputs(name, 4)
    p = activation.value(z)
    apart, fused = loss(p, Y), LOSSES[name](z, Y)
    np.testing.assert_allclose(fused.value, apart.value, rtol=1e-13)
    np.testing.assert_allclose(fused.derivative, activation.backward(p, apart.derivative), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", FUSED)
def test_a_fused_loss_has_the_derivative_p_minus_y(name):
    z, Y = inputs(name, 5)
    p = ACTIVATIONS[FUSED[name][0]].value(z)
    expected = Y.sum(axis=1, keepdims=True) * p - Y if "softmax" in name else (p - Y) / 4
    np.testing.assert_allclose(LOSSES[name](z, Y).derivative, expected, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("z", [20.0, 36.0, 40.0, 300.0, 700.0])
def test_a_confident_right_answer_keeps_a_derivative_with_all_its_digits(z):
    small = math.exp(-z)  # sigmoid(-z), to a share of e^-20
    logistic = LOSSES["logistic_cross_entropy"](np.array([[z, -z]]), np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(logistic.derivative * 2, [[-small, small]], rtol=3e-9)
    softmax = LOSSES["softmax_cross_entropy"](np.array([[0.0, z]]), np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(softmax.derivative, [[small, -small]], rtol=3e-9)
    np.testing.assert_allclose(softmax.value, [small], rtol=3e-9)


@pytest.mark.parametrize("name", FUSED)
def test_large_logits_overflow_nothing(name):
    found = LOSSES[name](np.array([[1e300, -1e300], [-1e300, 1e300]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    wrong = 2e300 if "softmax" in name else 1e300
    np.testing.assert_array_equal(found.value, [0.0, wrong])
    np.testing.assert_array_equal(found.derivative[0], [0.0, 0.0])
    np.testing.assert_array_equal(np.sign(found.derivative[1]), [-1.0, 1.0])


@pytest.mark.parametrize("name", ["binary_cross_entropy", "categorical_cross_entropy"])
def test_what_has_no_target_costs_nothing_and_what_cannot_be_is_infinite(name):
    p = np.array([[0.0, 1.0]])
    right, wrong = LOSSES[name](p, np.array([[0.0, 1.0]])), LOSSES[name](p, np.array([[1.0, 0.0]]))
    np.testing.assert_array_equal(right.value, [0.0])
    assert np.isfinite(right.derivative).all()
    np.testing.assert_array_equal(wrong.value, [np.inf])
    assert wrong.derivative[0, 0] == -np.inf


def test_only_the_proportions_of_categorical_outputs_count():
    p, Y = inputs("categorical_cross_entropy", 6)
    once, twice = (LOSSES["categorical_cross_entropy"](scale * p, Y) for scale in (1.0, 4.0))
    np.testing.assert_allclose(once.value, twice.value, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(once.derivative, 4 * twice.derivative, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose((p * once.derivative).sum(axis=1), 0, atol=1e-14)


def test_the_order_is_that_of_the_compiled_ones():
    fused = ["softmax_cross_entropy", "logistic_cross_entropy"]
    assert list(LOSSES) == [*fused, "squared_error", "binary_cross_entropy", "categorical_cross_entropy"]
