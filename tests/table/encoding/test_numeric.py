"""Standardised numbers: units do not matter, missing values are said."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit.table.columns import Column, Kind
from multilogit.table.encoding import Numeric


def column(values):
    values = np.array(values, dtype=np.float64)
    return Column("x", Kind.NUMBERS, values, np.isnan(values))


def test_terms_have_mean_zero_and_variance_one():
    x = column([1.0, 2.0, 4.0, 9.0])
    z = Numeric.learn(x, np.ones(4)).encode(x).block[:, 0]
    assert z.mean() == pytest.approx(0.0, abs=1e-15)
    assert np.square(z).mean() == pytest.approx(1.0)


def test_formula_by_hand():
    """Weights 1, 3: mean 4, variance (9 + 3) / 4 = 3."""
    learnt = Numeric.learn(column([1.0, 5.0]), np.array([1.0, 3.0]))
    assert (learnt.mean, learnt.sd, learnt.median) == (4.0, pytest.approx(math.sqrt(3.0), rel=1e-15), 5.0)
    assert learnt.encode(column([7.0])).block.tolist() == [[pytest.approx(math.sqrt(3.0), rel=1e-15)]]


@given(st.sampled_from([1e-200, 1e-9, 1e-3, 7.0, 1e6, 1e140]))
def test_the_unit_does_not_matter(unit):
    rng = np.random.default_rng(0)
    x = rng.normal(3.0, 2.0, size=50)
    x[7] = np.nan
    plain = Numeric.learn(column(x), np.ones(50)).encode(column(x)).block
    scaled = Numeric.learn(column(x * unit), np.ones(50)).encode(column(x * unit)).block
    np.testing.assert_allclose(scaled, plain, atol=1e-12)


def test_a_weight_of_two_is_a_row_twice():
    x, w = [1.0, 5.0, 6.0, 2.0], np.array([1.0, 2.0, 1.0, 0.0])
    weighted, repeated = Numeric.learn(column(x), w), Numeric.learn(column([1.0, 5.0, 5.0, 6.0]), np.ones(4))
    assert weighted.median == repeated.median == 5.0
    assert weighted.mean == pytest.approx(repeated.mean)
    assert weighted.sd == pytest.approx(repeated.sd)


@pytest.mark.parametrize(("x", "median"), [([1.0, 3.0], 2.0), ([1.0, 2.0, 9.0], 2.0), ([4.0], 4.0)])
def test_median(x, median):
    assert Numeric.learn(column(x), np.ones(len(x))).median == median


def test_missing_values_become_the_median_and_are_marked():
    learnt = Numeric.learn(column([1.0, np.nan, 3.0, 8.0]), np.ones(4))
    found = learnt.encode(column([np.nan, 3.0]))
    assert learnt.terms == ("x", "x (missing)")
    assert found.block[0, 0] == found.block[1, 0]
    assert found.block[:, 1].tolist() == [1.0, 0.0]
    assert found.missing.tolist() == [True, False]


def test_what_training_never_missed_has_no_mark():
    learnt = Numeric.learn(column([1.0, 3.0, 8.0]), np.ones(3))
    assert learnt.terms == ("x",)
    assert learnt.encode(column([np.nan])).block.tolist() == [[pytest.approx((3.0 - 4.0) / learnt.sd)]]


@pytest.mark.parametrize("x", [[5.0, 5.0, 5.0], [0.1, 0.1, 0.1], [np.nan, np.nan, 5.0]])
def test_a_constant_column_is_zero_everywhere(x):
    learnt = Numeric.learn(column(x), np.ones(3))
    assert learnt.sd == math.inf
    assert learnt.encode(column([4.0, -1e9])).block[:, 0].tolist() == [0.0, 0.0]


def test_integers_are_numbers():
    integers = Column("x", Kind.NUMBERS, np.array([2**62, 2**62 + 2**54]), np.zeros(2, dtype=bool))
    assert Numeric.learn(integers, np.ones(2)).encode(integers).block.tolist() == [[-1.0], [1.0]]


@pytest.mark.parametrize("x", [[1e150, -1e150], [1e-300, 3e-300], [1e9, 1e9 + 1e-6]])
def test_extreme_numbers_stay_finite_and_apart(x):
    z = Numeric.learn(column(x), np.ones(2)).encode(column(x)).block[:, 0]
    np.testing.assert_allclose(np.sort(z), [-1.0, 1.0], rtol=0.2)


def test_a_column_without_values_is_zero_everywhere():
    learnt = Numeric.learn(column([np.nan, np.nan]), np.ones(2))
    assert learnt.encode(column([3.0, np.nan])).block.tolist() == [[0.0, 0.0], [0.0, 1.0]]
