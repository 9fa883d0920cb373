"""The numerical promises of softmax, log_softmax and logsumexp, against mpmath at 80 digits."""

import mpmath
import numpy as np
import pytest
from kernels import minimax
from kernels.oracle import DIGITS, exact_rows, to_mp, ulps

from multilogit._kernels import reference

SCALES = [1e-8, 1e-3, 1.0, 10.0, 100.0, 300.0]
DTYPES = [np.float64, np.float32]
# What the docstrings promise, in ulp.
SOFTMAX = 1.0
LOG_SOFTMAX = {np.float64: 4.0, np.float32: 1.0}
LOGSUMEXP = 4.0
SPACING = 1.0


def assert_promises(kernels, Z):
    """Hold every row of Z (N, K) against the exact softmax of the logits as they are."""
    dtype = Z.dtype.type
    P, log_P, values = kernels.softmax(Z), kernels.log_softmax(Z), kernels.logsumexp(Z)
    assert P.dtype == log_P.dtype == values.dtype == Z.dtype
    for i, row in enumerate(Z):
        p, log_p, value = exact_rows(tuple(row.tolist()))
        normal, subnormal = ulps(P[i], p)
        assert normal <= SOFTMAX, f"softmax is {normal} ulp off"
        assert subnormal <= SPACING, f"softmax is {subnormal} spacings off below the normal numbers"
        normal, subnormal = ulps(log_P[i], log_p)
        assert normal <= LOG_SOFTMAX[dtype], f"log_softmax is {normal} ulp off"
        assert subnormal <= SPACING, f"log_softmax is {subnormal} spacings off below the normal numbers"
        with mpmath.workdps(DIGITS):
            unit = max(1, abs(value)) * to_mp(np.finfo(dtype).eps)
            assert abs(to_mp(values[i]) - value) <= LOGSUMEXP * unit


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("K", "N"), [(1, 2), (2, 20), (3, 20), (10, 6), (100, 2)])
def test_random_logits(kernels, K, N, scale, dtype):
    rng = np.random.default_rng([K, N])
    assert_promises(kernels, (scale * rng.standard_normal((N, K))).astype(dtype))


@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_a_thousand_classes(kernels, scale):
    rng = np.random.default_rng(7)
    assert_promises(kernels, scale * rng.standard_normal((1, 1000)))


def test_a_hundred_thousand_classes(kernels):
    rng = np.random.default_rng(8)
    assert_promises(kernels, 5.0 * rng.standard_normal((1, 100_000)))


def test_rounded_about_once(kernels):
    """What docs/decisions/functional.md states: 0.60 ulp; here for classes that are not negligible."""
    rng = np.random.default_rng(14)
    for K, scale in [(2, 1.0), (10, 3.0), (50, 1.0)]:
        for row in scale * rng.standard_normal((400 // K, K)):
            assert ulps(kernels.softmax(row), exact_rows(tuple(row.tolist()))[0])[0] <= 0.6


@pytest.mark.parametrize(
    ("written", "parts", "bits"), [(reference.Plain.TERMS, 1, 34.1), (reference.Paired.TERMS, 16, 66.2)]
)
def test_the_coefficients_are_the_minimax_ones(written, parts, bits):
    coefficients, error = minimax.exp_terms(len(written), given=2, parts=parts)
    assert error < 2.0**-bits
    assert tuple(map(float, coefficients)) == written


def test_the_parts_of_ln_2_and_of_its_powers():
    """Each as long as it may be for its products to be exact; together right to the last bit and further."""
    with mpmath.workdps(DIGITS):
        ln2, paired = mpmath.log(2), reference.Paired
        for part, bits in [(reference.Plain.LN2, 45), (paired.LN2_HI, 38), (paired.LN2_LO, 38)]:
            assert float(mpmath.ldexp(mpmath.frexp(part)[0], bits)).is_integer()
        assert abs(to_mp(reference.Plain.LN2) - ln2) < mpmath.ldexp(1, -48)
        assert abs(to_mp(paired.LN2_HI) + to_mp(paired.LN2_LO) - ln2 / 16) < mpmath.ldexp(1, -82)
        for j, (root, rest) in enumerate(zip(paired.ROOTS, paired.ROOT_RESTS, strict=True)):
            assert (root * 2**26).is_integer()
            assert abs(to_mp(root) + to_mp(rest) - mpmath.mpf(2) ** (mpmath.mpf(j) / 16)) < mpmath.ldexp(1, -80)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1e-8, 1.0, 300.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("K", [1000, 100_000])
def test_many_classes_at_every_scale(kernels, K, scale, dtype):
    rng = np.random.default_rng(10)
    assert_promises(kernels, (scale * rng.standard_normal((1, K))).astype(dtype))


def test_winning_class_keeps_its_digits(kernels):
    assert_promises(kernels, np.stack([np.zeros(300), -np.linspace(0.5, 744.0, 300)], axis=1))
    assert kernels.log_softmax(np.array([0.0, -40.0]))[0] == -4.248354255291589e-18


def test_difference_of_logits_is_compensated(kernels):
    """z - m rounds: at 1e5 its error would reach 7e-12, 6e4 ulp in p."""
    rng = np.random.default_rng(9)
    assert_promises(kernels, 1e5 + rng.standard_normal((20, 4)))
    assert_promises(kernels, np.array([[1e16, -0.3, 1e16 - 8.0], [700.1, 1e-9, 3.3]]))


def test_below_the_normal_numbers(kernels):
    depths = -np.linspace(707.0, 747.0, 400)
    assert_promises(kernels, np.stack([np.zeros(400), depths], axis=1))
    assert_promises(kernels, np.stack([np.zeros(400), np.full(400, -0.7), depths], axis=1))
    assert kernels.softmax(np.array([0.0, -740.0]))[1] > 0.0


def test_float32_below_the_normal_numbers(kernels):
    depths = -np.linspace(86.0, 105.0, 200, dtype=np.float32)
    assert_promises(kernels, np.stack([np.zeros(200, np.float32), depths], axis=1))


@pytest.mark.parametrize("m", [-128.1, -127.9, 127.9, 128.1])
def test_near_the_change_of_shift(kernels, m):
    """Up to 128 the logits are taken as they are, beyond relative to their maximum."""
    rng = np.random.default_rng(13)
    Z = m - np.sort(rng.uniform(0, 760, (8, 6)), axis=1)
    Z[:, 2] = m
    assert_promises(kernels, Z)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("K", [255, 256, 257, 600])
def test_many_small_terms_are_not_lost(kernels, K, dtype):
    """Every other class has 2^-50 or so of the winner: the sum on a grid must keep them."""
    depth = {np.float64: 34.3, np.float32: 17.0}[dtype]
    Z = -depth - np.random.default_rng(K).uniform(0, 1, (1, K))
    Z[0, K // 2] = 0
    assert_promises(kernels, Z.astype(dtype))


def test_sum_of_subnormal_exponentials(kernels):
    """exp(-744.9) is 0.6 of the smallest float: rounded one by one, a hundred would sum to 100, not 60."""
    Z = np.full((1, 101), -744.9)
    Z[0, 40] = 0.0
    assert_promises(kernels, Z)


def test_log_softmax_joins_the_small_terms_first(kernels):
    """Two classes tie, so log 2 is what is subtracted: one rounding is left, that of z - m is made good."""
    rng = np.random.default_rng(11)
    Z = rng.uniform(0, 1, (600, 3)) * [1, 1, -1] - [0, 0, 40]
    Z[:, 1] = Z[:, 0]
    exact = [exact_rows(tuple(row.tolist()))[1] for row in Z]
    errors = [ulps(ours, truth)[0] for ours, truth in zip(kernels.log_softmax(Z), exact, strict=True)]
    assert max(errors) <= 0.55


def test_logsumexp_near_zero(kernels):
    """The sum is 1 up to its last bits, which the pair keeps: rounding it first would cost half an eps."""
    rng = np.random.default_rng(12)
    for log_p in np.log(rng.dirichlet(np.ones(20), size=30)):
        exact = exact_rows(tuple(log_p.tolist()))[2]
        assert abs(to_mp(kernels.logsumexp(log_p)) - exact) <= 0.15 * np.finfo(np.float64).eps


def test_logsumexp_of_normalised_log_probabilities(kernels):
    """It is 0, and m + log(sum of exp(z - m)) would cancel 11.5 - 11.5."""
    rng = np.random.default_rng(10)
    log_p = rng.standard_normal((1, 100_000))
    log_p -= np.log(np.exp(log_p).sum())
    with mpmath.workdps(DIGITS):
        exact = mpmath.log(mpmath.fsum(mpmath.exp(to_mp(value)) for value in log_p[0]))
        error = abs(to_mp(kernels.logsumexp(log_p)[0]) - exact)
    assert error <= np.finfo(np.float64).eps


@pytest.mark.parametrize("m", [-1e300, -301.0, -129.0, -127.9, 127.9, 129.0, 720.0, 1e300])
def test_logsumexp_near_the_change_of_shift(kernels, m):
    Z = m + np.array([[0.0, -0.25, -1.0], [0.0, 0.0, 0.0]])
    for row, value in zip(Z, kernels.logsumexp(Z), strict=True):
        exact = exact_rows(tuple(row.tolist()))[2]
        assert abs(to_mp(value) - exact) <= LOGSUMEXP * max(1, abs(exact)) * to_mp(np.finfo(np.float64).eps)
