"""The compiled double-double arithmetic of every level against mpmath, and against NumPy's."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.test_double_double import elementwise, pairs, relative_errors

from multilogit import _kernels
from multilogit._kernels import double_double as dd

pytestmark = pytest.mark.skipif(_kernels.native is None, reason="the compiled kernels are not in use")

LEVELS = _kernels.native.levels() if _kernels.native else []
U2 = 2.0**-106
# What native/double_double.hpp promises, relative to the result (of a sum: of terms of one sign).
PROMISES = {"add": 3 * U2, "multiply": 7 * U2, "divide": 15 * U2, "exp": 2.0**-100}
EXACT = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "exp": lambda a, _: mpmath.exp(a),
}


@pytest.fixture(params=LEVELS)
def level(request):
    before = _kernels.native.level()
    _kernels.native.select_level(request.param)
    yield request.param
    _kernels.native.select_level(before)


@pytest.fixture(autouse=True)
def precision():
    with mpmath.workprec(400):
        yield


def native(name, a, b=None):
    """Return the pair that the compiled operation makes of two pairs of arrays."""
    out = np.empty((2, len(a[0])))
    getattr(_kernels.native, f"dd_{name}")(np.stack(a), np.stack(a if b is None else b), out)
    return out[0], out[1]


def operands(name, n, seed=0):
    rng = np.random.default_rng(seed)
    if name == "exp":
        high = np.concatenate(
            [rng.uniform(-600, 700, n // 2), rng.normal(size=n - n // 2) * 10.0 ** -rng.uniform(0, 9)]
        )
        a = (high, high * rng.uniform(-0.5, 0.5, n) * 2.0**-53)
        return a, a
    a, b = pairs(rng, n, spread=20.0), pairs(rng, n, spread=20.0)
    if name == "add":
        a, b = (tuple(np.sign(pair[0]) * part for part in pair) for pair in (a, b))
    return a, b


@pytest.mark.parametrize("name", PROMISES)
def test_every_operation_keeps_its_promise(level, name):
    a, b = operands(name, 401)  # no multiple of the lanes
    result = native(name, a, b)
    assert relative_errors(result, elementwise(EXACT[name], a, b)).max() <= PROMISES[name]
    np.testing.assert_array_equal(result[0] + result[1], result[0])


@pytest.mark.parametrize("name", PROMISES)
def test_every_operation_is_numpys_within_both_promises(level, name):
    """Where mpmath would take long: on 10^5 numbers."""
    a, b = operands(name, 100_000, seed=1)
    ours, theirs = native(name, a, b), dd.exp(a) if name == "exp" else getattr(dd, name)(a, b)
    difference = (ours[0] - theirs[0]) + (ours[1] - theirs[1])
    assert (np.abs(difference) <= (PROMISES[name] + 2.0**-98) * np.abs(theirs[0])).all()


def test_addition_that_cancels(level):
    a = pairs(np.random.default_rng(2), 21)
    high, low = native("add", a, (-a[0], np.zeros(21)))
    np.testing.assert_array_equal(high + low, a[1])


@given(a=st.floats(-1e100, 1e100), b=st.floats(-1e100, 1e100), low=st.floats(-0.5, 0.5))
def test_one_level_answers_as_any_other(a, b, low):
    """With a fused multiply-add or without: the same number to a few units of the last place of the pair."""
    if min(abs(a), abs(b)) < 1e-100:
        return
    before = _kernels.native.level()
    results = []
    try:
        for each in LEVELS:
            _kernels.native.select_level(each)
            results.append(
                native("multiply", (np.array([a]), np.array([low * a * 2.0**-53])), (np.array([b]), np.zeros(1)))
            )
    finally:
        _kernels.native.select_level(before)
    for high, tail in results[1:]:
        assert abs((high[0] - results[0][0][0]) + (tail[0] - results[0][1][0])) <= 4 * U2 * abs(a * b)


def test_exp_far_below(level):
    """Down to the smallest subnormal number, and to zero beyond it."""
    a = np.array([-np.inf, -1e300, -760.0, -745.0, -720.0, -708.0, 0.0, -0.0])
    high, low = native("exp", (a, np.zeros(8)))
    np.testing.assert_array_equal(high[:3], 0.0)
    np.testing.assert_array_equal(low[:3], 0.0)
    assert high[3] == float(mpmath.exp(-745))
    for i in (4, 5):
        assert abs(mpmath.mpf(high[i]) + mpmath.mpf(low[i]) - mpmath.exp(a[i])) <= 2.0**-1074
    np.testing.assert_array_equal((high[6:], low[6:]), [[1.0, 1.0], [0.0, 0.0]])


def test_exp_of_multiples_of_log_2(level):
    """Where the reduced argument cancels, three parts of log 2 are needed."""
    k = np.arange(-860.0, 1000.0, 37.0)
    a = k * np.log(2.0), np.zeros_like(k)
    assert relative_errors(native("exp", a), elementwise(mpmath.exp, a)).max() <= PROMISES["exp"]


def test_shapes_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        _kernels.native.dd_add(np.zeros((2, 3)), np.zeros((2, 4)), np.zeros((2, 3)))
