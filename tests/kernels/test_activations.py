"""Activations: values by hand and to mpmath, derivatives by differences, the compiled ones within 4 ulp everywhere."""

import math

import mpmath
import numpy as np
import pytest
from kernels.oracle import DIGITS, to_mp, ulps

from multilogit._kernels.activations import ACTIVATIONS
from multilogit._objective.network import Activate, Ending, Network
from multilogit._objective.network_native import outputs
from multilogit.functional import gradient_check

DTYPES = [np.float32, np.float64]
SMOOTH = ["linear", "sigmoid", "tanh", "softmax"]
INF, NAN = np.inf, np.nan
extended = pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="long double is no wider than float64")

BY_HAND = {
    "linear": ([-2.0, 0.0, 3.0], [-2.0, 0.0, 3.0]),
    "sigmoid": ([0.0, math.log(3), -math.log(3), math.log(9)], [0.5, 0.75, 0.25, 0.9]),
    "tanh": ([0.0, math.log(2), -math.log(2), math.log(3)], [0.0, 0.6, -0.6, 0.8]),
    "relu": ([-2.0, 0.0, 3.0], [0.0, 0.0, 3.0]),
    "softmax": ([0.0, math.log(3), math.log(4)], [0.125, 0.375, 0.5]),
}
LIMITS = {
    "linear": [(INF, INF), (-INF, -INF), (NAN, NAN)],
    "sigmoid": [(INF, 1.0), (-INF, 0.0), (1e30, 1.0), (-1e30, 0.0), (0.0, 0.5), (-0.0, 0.5), (NAN, NAN)],
    "tanh": [(INF, 1.0), (-INF, -1.0), (1e30, 1.0), (-1e30, -1.0), (0.0, 0.0), (NAN, NAN)],
    "relu": [(INF, INF), (-INF, 0.0), (1e30, 1e30), (-1e30, 0.0), (0.0, 0.0), (NAN, NAN)],
}
HARD = {
    "sigmoid": [5e-324, -5e-324, 1e-17, -1e-17, 2.0**-53, 1.0, -1.0, 36.7, 36.8, -36.8, 40.0, -40.0, 708.0, -708.4,
                -709.8, -720.0, -745.13, -745.14, -746.0, 800.0],
    "tanh": [5e-324, -1e-320, 2.3e-308, 1e-17, -1e-8, 2.0**-27, 0.17, 0.1733, 0.3465735902799726, 0.35, 0.5, -1.0, 3.0,
             18.9, 19.0, 19.0615, 19.07, 19.999999, 20.0, -21.0, 400.0],
}  # fmt: skip


def compiled(name, z):
    """Return the compiled activation of an array of any length, in rows of 17 numbers."""
    rows = np.zeros((-(-z.size // 17), 17), dtype=z.dtype)
    rows.ravel()[: z.size] = z
    return outputs(Network(17, (Activate(name),)), np.empty(0, dtype=z.dtype), rows, 1).ravel()[: z.size]


def truth(name, z):
    """Return sigmoid or tanh in the type of z, which is wider than what is judged by it."""
    if name == "tanh":
        return np.tanh(z)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def largest_error(name, z, wide):
    """Return the largest error in spacings of the result."""
    y = compiled(name, z)
    np.testing.assert_array_equal(np.isnan(y), np.isnan(z))
    y, z = y[~np.isnan(z)], z[~np.isnan(z)]
    with np.errstate(under="ignore"):
        exact = truth(name, z.astype(wide))
        unit = np.spacing(np.abs(exact).astype(z.dtype))
        return float(np.max(np.abs(y.astype(wide) - exact) / unit.astype(wide)))


def arguments(dtype, n, seed):
    """Return numbers of every size, those of every bit pattern among them, with infinities and NaN."""
    rng = np.random.default_rng(seed)
    word = np.uint32 if dtype is np.float32 else np.uint64
    every = rng.integers(0, np.iinfo(word).max, n, dtype=word, endpoint=True).view(dtype)
    small = rng.normal(size=n) * 10.0 ** rng.uniform(np.log10(np.finfo(dtype).tiny) - 5, 0, n)
    numbers = np.concatenate([rng.uniform(-760, 760, n), rng.uniform(-40, 40, n), rng.uniform(-1, 1, n), small])
    return np.concatenate([every, numbers.astype(dtype), np.array([INF, -INF, NAN, 0.0, -0.0], dtype)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BY_HAND)
def test_values_by_hand(name, dtype):
    z, expected = (np.array(numbers, dtype) for numbers in BY_HAND[name])
    found = ACTIVATIONS[name].value(z)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LIMITS)
def test_limits(name, dtype):
    z, expected = np.array(LIMITS[name], dtype).T
    np.testing.assert_array_equal(ACTIVATIONS[name].value(z), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LIMITS)
def test_limits_of_the_compiled_ones(level, name, dtype):
    z, expected = np.array(LIMITS[name], dtype).T.copy()
    np.testing.assert_array_equal(compiled(name, z), expected)


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_the_reference_is_exact_to_4_ulp(name):
    z = np.array(HARD[name])
    normal, subnormal = ulps(ACTIVATIONS[name].value(z), exactly(name, z))
    assert normal <= 4
    assert subnormal <= 1


def exactly(name, z):
    with mpmath.workdps(DIGITS):
        if name == "tanh":
            return [mpmath.tanh(to_mp(x)) for x in z]
        return [1 / (1 + mpmath.exp(-to_mp(x))) for x in z]


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_hard_arguments_of_the_compiled_ones(level, name):
    """Subnormal arguments and results, edges of the reduction, where the result rounds to one."""
    z = np.array(HARD[name])
    normal, subnormal = ulps(compiled(name, z), exactly(name, z))
    assert normal <= 4
    assert subnormal <= 2


@pytest.mark.parametrize(
    ("dtype", "wide"), [(np.float32, np.float64), pytest.param(np.float64, np.longdouble, marks=extended)]
)
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_the_compiled_ones_are_exact_to_4_ulp_everywhere(level, name, dtype, wide):
    assert largest_error(name, arguments(dtype, 40_000, 1), wide) <= 4


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_outputs_of_a_fused_loss_are_the_same_function(level, dtype):
    z = arguments(dtype, 400, 2)
    z = z[: z.size // 16 * 16].reshape(-1, 16)
    fused = outputs(
        Network(16, (Activate("linear"),), Ending("logistic_cross_entropy", "sigmoid")), np.empty(0, dtype), z, 1
    )
    np.testing.assert_array_equal(fused.ravel(), compiled("sigmoid", z.ravel()))


@pytest.mark.parametrize("dtype", DTYPES)
def test_linear_and_relu_change_no_bit(level, dtype):
    z = arguments(dtype, 2000, 3)
    np.testing.assert_array_equal(compiled("linear", z), z)
    np.testing.assert_array_equal(compiled("relu", z), np.where(z < 0, 0, z))


@pytest.mark.parametrize("name", [*SMOOTH, "relu"])
def test_backward_is_the_transposed_jacobian(name):
    rng = np.random.default_rng(4)
    z, d = rng.normal(size=(2, 5))
    activation = ACTIVATIONS[name]
    a = activation.value(z)
    check = gradient_check(lambda x: float(activation.value(x) @ d), z, activation.backward(a, d))
    assert check.relative_error < 1e-9


@pytest.mark.parametrize("z", [-30.0, -3.0, -1e-9, 0.0, 0.4, 3.0, 17.0])
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_derivatives_to_mpmath(name, z):
    """In terms of the value, so with the digits that the value has left: near 1 absolute ones."""
    function = mpmath.tanh if name == "tanh" else lambda x: 1 / (1 + mpmath.exp(-x))
    with mpmath.workdps(DIGITS):
        exact = float(mpmath.diff(function, to_mp(z)))
    a = ACTIVATIONS[name].value(np.array([z]))
    found = ACTIVATIONS[name].backward(a, np.ones(1))[0]
    assert found == pytest.approx(exact, rel=4e-16, abs=3e-16)


def test_the_slope_of_relu_at_zero_is_zero():
    a = ACTIVATIONS["relu"].value(np.array([-1.0, 0.0, 2.0]))
    np.testing.assert_array_equal(ACTIVATIONS["relu"].backward(a, np.array([5.0, 5.0, 5.0])), [0.0, 0.0, 5.0])


def test_softmax_mixes_the_numbers_of_a_row_alone():
    rng = np.random.default_rng(5)
    z, d = rng.normal(size=(2, 3, 4, 5))
    softmax = ACTIVATIONS["softmax"]
    together = softmax.backward(softmax.value(z), d)
    for i in np.ndindex(3, 4):
        np.testing.assert_array_equal(together[i], softmax.backward(softmax.value(z[i]), d[i]))
    np.testing.assert_allclose(together.sum(axis=-1), 0, atol=1e-16)


def test_codes_count_from_zero():
    assert [each.code for each in ACTIVATIONS.values()] == list(range(5))
    assert list(ACTIVATIONS) == ["linear", "sigmoid", "tanh", "relu", "softmax"]
