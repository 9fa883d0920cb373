"""softmax, log_softmax, logsumexp, logistic: inputs, axes, types, and the properties of the softmax."""

import mpmath
import numpy as np
import pandas as pd
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from multilogit.errors import InputError
from multilogit.functional import log_softmax, logistic, logsumexp, softmax

FUNCTIONS = [softmax, log_softmax, logsumexp]
RIVALS = [scipy.special.softmax, scipy.special.log_softmax, scipy.special.logsumexp]
EPS = np.finfo(np.float64).eps

logits = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 6)),
    elements=st.floats(-300, 300),
)


@pytest.mark.parametrize(("ours", "theirs"), list(zip(FUNCTIONS, RIVALS, strict=True)))
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_axes_as_in_scipy(ours, theirs, axis):
    Z = np.random.default_rng(0).standard_normal((3, 4, 5))
    np.testing.assert_allclose(ours(Z, axis=axis), theirs(Z, axis=axis), rtol=1e-13)
    assert ours(Z, axis=axis).shape == theirs(Z, axis=axis).shape


@pytest.mark.parametrize("function", FUNCTIONS)
def test_refused_axes(function):
    Z = np.zeros((2, 3))
    with pytest.raises(InputError, match=r"axis must lie in \[-2, 1\] for 2 dimensions. Got 2."):
        function(Z, axis=2)
    with pytest.raises(InputError, match="Got -3"):
        function(Z, axis=-3)
    with pytest.raises(TypeError, match=r"axis must be an integer. Got None."):
        function(Z, axis=None)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("given_type", "result_type"),
    [
        (np.float64, np.float64),
        (np.float32, np.float32),
        (np.float16, np.float32),
        (np.int64, np.float64),
        (np.uint8, np.float64),
        (bool, np.float64),
        (np.dtype(">f8"), np.float64),
        (np.dtype(">f4"), np.float32),
    ],
)
def test_types(function, given_type, result_type):
    Z = np.array([[0, 1, 1], [1, 0, 0]])
    result = function(Z.astype(given_type))
    assert result.dtype == result_type
    np.testing.assert_allclose(result, function(Z.astype(float)), rtol=2e-7)


def test_float16_with_many_classes_does_not_overflow():
    P = softmax(np.zeros(70_000, np.float16))
    assert P.dtype == np.float32
    np.testing.assert_array_equal(P, np.float32(1 / 70_000))


@pytest.mark.parametrize("function", [*FUNCTIONS, logistic])
@pytest.mark.parametrize(
    "value",
    [
        [1j, 0],
        ["a", "b"],
        [None, 1.0],
        np.array([1.0], np.longdouble),
        np.array([0], "M8[s]"),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        sparse.csr_array([[1.0, 2.0]]),
    ],
)
def test_refused_types(function, value):
    if getattr(value, "dtype", None) == np.longdouble and np.dtype(np.longdouble).itemsize == 8:
        pytest.skip("long double is float64 here")
    with pytest.raises(TypeError, match=r"must be real numbers|must not be a masked array|must be dense"):
        function(value)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("value", [3.0, [], [[], []]])
def test_no_class_is_refused(function, value):
    with pytest.raises(InputError, match=r"at least one class along its last axis. Got shape"):
        function(value)


def test_ragged_and_inexact_inputs_are_refused():
    with pytest.raises(InputError, match="rectangular"):
        softmax([[1.0, 2.0], [1.0]])
    with pytest.raises(InputError, match=r"up to 2\^53. Got 9007199254740993"):
        softmax([2**53 + 1, 0])
    np.testing.assert_array_equal(softmax([-(2**53), -(2**53)]), [0.5, 0.5])


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("shape", [(0, 3), (2, 0, 3)])
def test_empty_batches(function, shape):
    assert function(np.zeros(shape)).shape == (shape[:-1] if function is logsumexp else shape)


def test_data_frames_and_series():
    frame = pd.DataFrame({"a": [0.0, 1.0], "b": [1.0, 1.0]})
    np.testing.assert_array_equal(softmax(frame), softmax(frame.to_numpy()))
    np.testing.assert_array_equal(softmax(frame["a"]), softmax([0.0, 1.0]))


def test_logistic_keeps_its_digits_where_x_is_very_negative():
    x = np.concatenate([np.linspace(-745, 40, 300), [-1e-300, 0.0]])
    with mpmath.workdps(50):
        exact = [1 / (1 + mpmath.exp(-mpmath.mpf(float(value)))) for value in x]
        for value, truth in zip(logistic(x), exact, strict=True):
            assert abs(mpmath.mpf(float(value)) - truth) <= max(truth * EPS, mpmath.mpf(2) ** -1074)


def test_logistic_limits_and_shapes():
    np.testing.assert_array_equal(logistic([-np.inf, np.inf, np.nan]), [0.0, 1.0, np.nan])
    assert logistic(0) == 0.5
    assert logistic(0.0).shape == ()
    assert logistic(np.zeros((2, 0))).shape == (2, 0)
    assert logistic(np.float32([1.0])).dtype == np.float32


def test_log_softmax_of_a_certain_class():
    assert log_softmax([0, -40])[0] == -4.248354255291589e-18
    assert scipy.special.log_softmax([0.0, -40.0])[0] == 0.0


@settings(deadline=None)
@given(logits, st.integers(-1000, 1000))
def test_a_shift_of_all_logits_changes_nothing(Z, c):
    """Exactly, where the shift itself is exact: logits on a grid of 2^-20."""
    Z = np.round(Z * 2**20) / 2**20
    np.testing.assert_array_equal(softmax(Z + c), softmax(Z))
    np.testing.assert_array_equal(log_softmax(Z + c), log_softmax(Z))
    np.testing.assert_allclose(logsumexp(Z + c), logsumexp(Z) + c, rtol=4 * EPS, atol=4 * EPS * 1000)


@settings(deadline=None)
@given(logits)
def test_rows_are_distributions_in_the_order_of_the_logits(Z):
    P = softmax(Z)
    assert (P >= 0).all()
    assert (P <= 1).all()
    np.testing.assert_allclose(P.sum(axis=-1), 1.0, rtol=0, atol=Z.shape[1] * EPS)
    np.testing.assert_array_equal(np.sort(P, axis=-1), np.take_along_axis(P, Z.argsort(axis=-1), axis=-1))
    np.testing.assert_allclose(np.exp(log_softmax(Z)), P, rtol=1e-12, atol=1e-300)


@settings(deadline=None)
@given(logits, st.randoms(use_true_random=False))
def test_permuting_the_classes_permutes_the_probabilities(Z, random):
    order = list(range(Z.shape[1]))
    random.shuffle(order)
    np.testing.assert_allclose(softmax(Z[:, order]), softmax(Z)[:, order], rtol=2 * EPS)
    np.testing.assert_allclose(log_softmax(Z[:, order]), log_softmax(Z)[:, order], rtol=4 * EPS)
