"""Compiled exp, log and log1p: within 1 ulp, at every level, for every argument."""

import itertools
import re
from pathlib import Path

import mpmath
import numpy as np
import pytest
from kernels import minimax
from kernels.oracle import DIGITS, to_mp, ulps

from multilogit import _kernels

NAMES = ["exp", "log", "log1p"]
INF, NAN = np.inf, np.nan
HEADER = Path(__file__).parents[2] / "native" / "elementary.hpp"
BLOCK = 2**22
extended = pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="long double is no wider than float64")


def compiled(name, x):
    from multilogit._kernels import _native

    y = np.empty_like(x)
    getattr(_native, name)(x, y)
    return y


def largest_error(name, x, wide):
    """Return the largest error in ulp against NumPy's function in the type `wide`, and where; 0.5 where right."""
    y = compiled(name, x)
    with np.errstate(all="ignore"):
        exact = getattr(np, name)(x.astype(wide))
        rounded = exact.astype(x.dtype)
    other = np.flatnonzero((rounded != y) & ~(np.isnan(rounded) & np.isnan(y)))
    if not len(other):
        return 0.5, x[0]
    exact, y, limits = exact[other], y[other], np.finfo(x.dtype)
    exponent = np.maximum(np.frexp(exact)[1] - 1, limits.minexp)
    with np.errstate(all="ignore"):
        error = np.abs(y.astype(wide) - exact) / np.ldexp(wide(1), exponent - limits.nmant)
    # Beside the overflow threshold the largest number and infinity are neighbours.
    edge = np.isfinite(exact) & (np.abs(exact) > float(limits.max) * (1 - 2.0**-20)) & (y >= limits.max)
    error = np.where(np.isfinite(error) | edge, np.where(edge, 0.5, error), np.inf)
    worst = int(error.argmax())
    return float(error[worst]), x[other[worst]]


def every_float32(start, count):
    return np.arange(start, start + count, dtype=np.uint32).view(np.float32)


def float64_arguments(name, n, seed):
    """Return n of each: numbers over the whole range, where the result is near 0 or 1, and tiny ones."""
    rng = np.random.default_rng(seed)
    positive = rng.integers(1, 0x7FF0_0000_0000_0000, n).view(np.float64)
    near, tiny = rng.uniform(-1.5, 1.5, n), rng.normal(size=n) * 10.0 ** rng.uniform(-310, -0.5, n)
    if name == "exp":
        return np.concatenate([rng.uniform(-746, 710.5, n), near, tiny])
    if name == "log":
        return np.concatenate([positive, 1 + near / 2, 1 + tiny])
    return np.concatenate([positive, near * 0.66, tiny])


@pytest.mark.parametrize("name", NAMES)
def test_float32_sampled(level, name):
    sample = np.random.default_rng(1).integers(0, 2**32, 2**20, dtype=np.uint64).astype(np.uint32).view(np.float32)
    assert largest_error(name, sample, np.float64)[0] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", sorted({*_kernels.levels()[:1], *_kernels.levels()[-1:]}), indirect=True)
def test_float32_every_number(level, name):
    """With and without fused multiply-add; the other levels do the operations of one of these."""
    worst = max(largest_error(name, every_float32(start, BLOCK), np.float64) for start in range(0, 2**32, BLOCK))
    assert worst[0] <= 1, worst


@extended
@pytest.mark.parametrize("name", NAMES)
def test_float64_sampled(level, name):
    assert largest_error(name, float64_arguments(name, 30_000, 2), np.longdouble)[0] <= 1


@extended
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_float64_ten_million(level, name):
    worst = max(largest_error(name, float64_arguments(name, 10**6 // 3, seed), np.longdouble) for seed in range(10))
    assert worst[0] <= 1, worst


HARD = {
    "exp": [1e-320, -5e-324, 1e-17, -1e-17, 0.5 * np.log(2), -0.5 * np.log(2), 88.5, 709.782712893384,
            -708.3964185322641, -708.4, -720.0, -740.0, -745.13, -745.1332191019411, -1.0221674614698502,
            103.63581001175169],
    "log": [5e-324, 1e-320, 2.2250738585072014e-308, 1 - 2.0**-53, 1 + 2.0**-52, 0.7071067811865475, 0.7071067811865476,
            1.4142135623730951, 1.4142135623730949, 1.7976931348623157e308, 0.999, 1.001, np.e],
    "log1p": [5e-324, -5e-324, 1e-300, -1e-17, 1e-16, 2.0**-53, -(2.0**-53), -1 + 2.0**-53, -0.2928932188134524,
              -0.2928932188134525, 0.41421356237309503, 0.4142135623730951, 2.0**53, 2.0**53 + 2,
              1.7976931348623157e308],
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_hard_arguments(level, name):
    """Subnormal arguments and results, thresholds of overflow, underflow and of the reduction, numbers beside 1."""
    x = np.array(HARD[name])
    with mpmath.workdps(DIGITS):
        function = mpmath.log1p if name == "log1p" else getattr(mpmath, name)
        exact = [function(to_mp(value)) for value in x]
    normal, subnormal = ulps(compiled(name, x), exact)
    assert normal <= 1
    assert subnormal <= 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("exp", [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1e30, INF), (-1e30, 0.0), (NAN, NAN)]),
        ("log", [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-1.0, NAN), (-INF, NAN), (NAN, NAN)]),
        ("log1p", [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-1.5, NAN), (-INF, NAN), (NAN, NAN)]),
    ],
)
def test_limits(level, name, pairs, dtype):
    x, expected = np.array(pairs, dtype).T.copy()
    y = compiled(name, x)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(np.signbit(y)[expected == 0], np.signbit(expected)[expected == 0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_number_has_the_same_bits_in_every_place(level, dtype):
    """Whole vectors and the rest go through the same operations."""
    x = np.random.default_rng(3).uniform(0.1, 3, 67).astype(dtype)
    for name, n in itertools.product(NAMES, (0, 1, 7, 16, 33)):
        np.testing.assert_array_equal(compiled(name, x[:n]), compiled(name, x)[:n])


def test_out_must_have_the_shape_of_x():
    if _kernels.core != "native":
        pytest.skip("the compiled kernels are not built")
    from multilogit._kernels import _native

    with pytest.raises(ValueError, match="shape of x"):
        _native.exp(np.zeros(3), np.zeros(4))


@pytest.mark.parametrize(
    ("terms", "n", "dtype", "bits"),
    [
        (minimax.exp_terms, 9, np.float64, 57.3),
        (minimax.log_terms, 7, np.float64, 58.4),
        (minimax.exp_terms, 4, np.float32, 28.0),
        (minimax.log_terms, 3, np.float32, 29.2),
    ],
)
def test_the_coefficients_are_the_minimax_ones(terms, n, dtype, bits):
    coefficients, error = terms(n)
    assert error < 2.0**-bits
    lists = re.findall(rf"{terms.__name__}\[\] = {{([^}}]*)}}", HEADER.read_text())
    written = [[dtype(float.fromhex(c.strip().rstrip("f"))) for c in text.split(",")] for text in lists]
    assert [dtype(float(c)) for c in coefficients] in written
