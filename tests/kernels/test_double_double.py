"""Double-double arithmetic against mpmath: the polish is worth what these promise."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit._kernels import double_double as dd

BITS = 400
# Two 53-bit numbers, and a little that elementwise operations lose.
EPS = 2.0**-104

moderate = st.floats(-1e100, 1e100, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-100)


def to_mp(*parts):
    return mpmath.fsum(mpmath.mpf(float(part)) for part in parts)


def pairs(rng, *shape, spread=0.0):
    """Return random pairs whose highs cover ``10^(+-spread)``."""
    high = rng.normal(size=shape) * 10.0 ** rng.uniform(-spread, spread, shape)
    return high, high * rng.uniform(-0.5, 0.5, shape) * 2.0**-53


def relative_errors(result, exact):
    """Return |result - exact| / |exact| of a pair of arrays and as many mpmath numbers; 0 where both are zero."""
    errors = []
    for high, low, truth in zip(np.ravel(result[0]), np.ravel(result[1]), exact, strict=True):
        error = abs(to_mp(high, low) - truth)
        errors.append(float(error / abs(truth)) if truth else float(error))
    return np.array(errors)


def elementwise(function, *operands):
    """Apply an mpmath function to pairs of arrays, number by number."""
    columns = [zip(np.ravel(high), np.ravel(low), strict=True) for high, low in operands]
    return [function(*(to_mp(*pair) for pair in row)) for row in zip(*columns, strict=True)]


@pytest.fixture(autouse=True)
def precision():
    with mpmath.workprec(BITS):
        yield


@given(moderate, moderate)
def test_two_sum_is_exact(a, b):
    high, low = dd.two_sum(np.float64(a), np.float64(b))
    assert high == a + b
    with mpmath.workprec(1200):
        assert to_mp(high, low) == to_mp(a, b)


@given(moderate, moderate)
def test_two_product_is_exact(a, b):
    high, low = dd.two_product(np.float64(a), np.float64(b))
    assert high == a * b
    assert to_mp(high, low) == to_mp(a) * to_mp(b)


@pytest.mark.parametrize(
    ("ours", "exact"),
    [
        (dd.add, lambda a, b: a + b),
        (dd.multiply, lambda a, b: a * b),
        (dd.divide, lambda a, b: a / b),
    ],
    ids=["add", "multiply", "divide"],
)
def test_arithmetic_of_pairs(ours, exact):
    rng = np.random.default_rng(1)
    a, b = pairs(rng, 300, spread=20.0), pairs(rng, 300, spread=20.0)
    if ours is dd.add:  # of one sign: a sum that cancels keeps its error relative to the terms
        a, b = (tuple(np.sign(pair[0]) * part for part in pair) for pair in (a, b))
    result = ours(a, b)
    assert relative_errors(result, elementwise(exact, a, b)).max() <= 4 * EPS
    np.testing.assert_array_equal(result[0] + result[1], result[0])


def test_addition_that_cancels():
    rng = np.random.default_rng(2)
    a = pairs(rng, 100)
    high, low = dd.add(a, (-a[0], np.zeros(100)))
    np.testing.assert_array_equal(high + low, a[1])


def test_exp():
    rng = np.random.default_rng(3)
    high = np.concatenate([[0.0, 1e-300, -1e-9, 1.0, 700.0, -700.0], rng.uniform(-700, 700, 150), rng.normal(size=50)])
    a = high, high * rng.uniform(-0.5, 0.5, high.shape) * 2.0**-53
    high_low, exact = dd.exp(a), elementwise(mpmath.exp, a)
    for ours, truth in zip(zip(*high_low, strict=True), exact, strict=True):
        # Below exp(-670) the low half is a subnormal number, whose spacing is what remains.
        assert abs(to_mp(*ours) - truth) <= 2.0**-98 * truth + to_mp(2.0**-1074)


def test_exp_of_multiples_of_log_2():
    """Where the reduced argument cancels, three parts of log 2 are needed."""
    k = np.arange(-860.0, 1000.0, 37.0)
    high = k * np.log(2.0)
    a = high, np.zeros_like(high)
    assert relative_errors(dd.exp(a), elementwise(mpmath.exp, a)).max() <= 2.0**-98


def test_exp_far_below():
    high, low = dd.exp((np.array([-np.inf, -1e6, -800.0, -745.0]), np.zeros(4)))
    np.testing.assert_array_equal(high[:3], 0.0)
    np.testing.assert_array_equal(low[:3], 0.0)
    assert high[3] == float(mpmath.exp(-745))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 64, 101])
def test_sum_last_axis(n):
    rng = np.random.default_rng(n)
    a = pairs(rng, 5, n, spread=3.0)
    high, low = dd.sum_last_axis(a)
    assert high.shape == low.shape == (5,)
    for i in range(5):
        exact, size = to_mp(*a[0][i], *a[1][i]), np.abs(a[0][i]).sum()
        assert abs(to_mp(high[i], low[i]) - exact) <= 8 * EPS * size


def test_sum_last_axis_survives_total_cancellation():
    a = np.array([[1e20, 1.0, -1e20, 1e-15, -1.0]])
    high, low = dd.sum_last_axis((a, np.zeros_like(a)))
    assert high[0] + low[0] == 1e-15


@pytest.mark.parametrize(("n", "m", "p"), [(1, 1, 1), (3, 2, 4), (7, 33, 2), (4, 300, 3), (2, 2048, 2), (3, 0, 2)])
@pytest.mark.parametrize("scale", [0, 60])
def test_matmul(n, m, p, scale):
    """Rows of A and columns of B may have any scale: 2^-80 of |row| |column| is left, as the docstring says."""
    rng = np.random.default_rng([n, m, p])
    A, B = pairs(rng, n, m), pairs(rng, m, p)
    rows, columns = 10.0 ** rng.uniform(-scale, scale, (n, 1)), 10.0 ** rng.uniform(-scale, scale, (1, p))
    A, B = tuple(rows * part for part in A), tuple(columns * part for part in B)
    high, low = dd.matmul(A, B)
    assert high.shape == low.shape == (n, p)
    for i in range(n):
        for k in range(p):
            terms = ((to_mp(A[0][i, j], A[1][i, j]) * to_mp(B[0][j, k], B[1][j, k])) for j in range(m))
            bound = 2.0**-80 * np.linalg.norm(A[0][i]) * np.linalg.norm(B[0][:, k])
            assert abs(to_mp(high[i, k], low[i, k]) - mpmath.fsum(terms)) <= bound


def test_matmul_is_exact_for_integers():
    rng = np.random.default_rng(4)
    A, B = rng.integers(-(2**20), 2**20, (3, 500)).astype(float), rng.integers(-(2**20), 2**20, (500, 3)).astype(float)
    high, low = dd.matmul((A, np.zeros_like(A)), (B, np.zeros_like(B)))
    exact = A.astype(object) @ B.astype(object)
    np.testing.assert_array_equal(high, exact.astype(float))
    np.testing.assert_array_equal(low, 0.0)
