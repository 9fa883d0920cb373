"""Truth values: 1 where true, the usual value and a mark where one is missing."""

import numpy as np
import pytest

from multilogit.table.columns import Column, Kind
from multilogit.table.encoding import Boolean


def column(values):
    missing = np.array([value is None for value in values])
    return Column("b", Kind.BOOLEANS, np.array([bool(value) for value in values]), missing)


def learnt(values, weight=None):
    return Boolean.learn(column(values), np.ones(len(values)) if weight is None else np.array(weight))


def test_true_is_one():
    found = learnt([True, False, True])
    assert found.terms == ("b",)
    assert found.encode(column([False, True])).block.tolist() == [[0.0], [1.0]]


@pytest.mark.parametrize(
    ("values", "weight", "usual"),
    [
        ([True, True, False, None], [1, 1, 1, 9], True),
        ([True, False, False, None], [1, 1, 1, 1], False),
        ([True, False, False, None], [3, 1, 1, 1], True),
        ([True, False, None, None], [1, 1, 1, 1], False),
        ([None, None, None, None], [1, 1, 1, 1], False),
    ],
)
def test_a_missing_value_becomes_the_usual_one_and_is_marked(values, weight, usual):
    found = learnt(values, weight)
    assert found.usual is usual
    assert found.terms == ("b", "b (missing)")
    encoded = found.encode(column([None, not usual]))
    assert encoded.block.tolist() == [[float(usual), 1.0], [float(not usual), 0.0]]
    assert encoded.missing.tolist() == [True, False]


def test_what_training_never_missed_has_no_mark():
    encoded = learnt([True, True, False]).encode(column([None]))
    assert encoded.block.tolist() == [[1.0]]
    assert not encoded.unseen.any()


def test_the_description_says_what_happens():
    assert learnt([True, None]).describe() == "boolean, 1 where true; missing values become true, and are marked"
    assert learnt([True, False]).describe() == "boolean, 1 where true"
