"""Rows and targets: their parts, their mini-batches, their types."""

import numpy as np
import pytest

from multilogit._objective.examples import Examples

X = np.arange(12.0).reshape(4, 3)
Y = np.array([[1.0, 0.0], [0.25, 0.75], [0.0, 2.0], [0.0, 0.0]])
LABELS = np.array([1.0, 0.0, 2.0, 1.0])
WEIGHT = np.array([1.0, 0.0, 0.5, 2.0])


def test_weights_are_ones_where_none_are_given():
    np.testing.assert_array_equal(Examples(X, Y).weights, np.ones(4))
    np.testing.assert_array_equal(Examples(X, Y, weight=WEIGHT).weights, WEIGHT)
    assert Examples(X.astype(np.float32), Y).weights.dtype == np.float32
    assert len(Examples(X, Y)) == 4


def test_masses_are_the_targets_or_one_hot_rows_of_the_labels():
    assert Examples(X, Y).masses(2) is Y
    expected = [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    for dtype in (np.float32, np.float64):
        masses = Examples(X.astype(dtype), labels=LABELS.astype(dtype)).masses(3)
        np.testing.assert_array_equal(masses, expected)
        assert masses.dtype == dtype


@pytest.mark.parametrize("given", [{"Y": Y}, {"labels": LABELS}, {"Y": Y, "weight": WEIGHT}])
def test_a_mini_batch_has_the_weights_over_its_number_of_rows(given):
    which = np.array([2, 0, 2])
    batch = Examples(X, **given).rows(which)
    np.testing.assert_array_equal(batch.X, X[[2, 0, 2]])
    np.testing.assert_allclose(
        batch.weight, np.array([0.5, 1.0, 0.5] if "weight" in given else [1.0] * 3) / 3, rtol=1e-15
    )
    for name, array in (("Y", Y), ("labels", LABELS)):
        found = getattr(batch, name)
        assert (found is None) == (name not in given)
        assert found is None or (found == array[which]).all()


@pytest.mark.parametrize("given", [{"Y": Y}, {"labels": LABELS}, {"Y": Y, "weight": WEIGHT}])
def test_a_part_has_the_weights_as_they_are(given):
    part = Examples(X, **given).part(1, 3)
    np.testing.assert_array_equal(part.X, X[1:3])
    for name, array in (("Y", Y), ("labels", LABELS), ("weight", WEIGHT)):
        found = getattr(part, name)
        assert (found is None) == (name not in given)
        assert found is None or (found == array[1:3]).all()
    assert len(Examples(X, **given).part(3, 9)) == 1


def test_another_type_is_that_of_every_array():
    both = Examples(X, Y, LABELS, WEIGHT).astype(np.float32)
    assert {array.dtype for array in (both.X, both.Y, both.labels, both.weight)} == {np.dtype(np.float32)}
    none = Examples(X).astype(np.float32)
    assert none.Y is none.labels is none.weight is None


def test_a_mini_batch_keeps_the_type():
    batch = Examples(X.astype(np.float32), labels=LABELS.astype(np.float32)).rows(np.array([0, 1, 2]))
    assert batch.X.dtype == batch.weight.dtype == np.float32
