"""Levels: a term each, a reference without a penalty, and what is new has no term."""

import numpy as np
import pytest

from multilogit.table.columns import Column, Kind
from multilogit.table.encoding import Categorical


def column(values):
    missing = np.array([value is None for value in values])
    return Column("c", Kind.TEXT, np.array(["" if value is None else value for value in values], dtype=object), missing)


def learnt(values, **options):
    return Categorical.learn(column(values), np.ones(len(values)), **{"has_reference": False} | options)


def test_every_level_has_a_term_under_a_penalty():
    found = learnt(["b", "a", "b"])
    assert found.terms == ("c=a", "c=b")
    assert found.encode(column(["a", "b"])).block.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_the_most_frequent_level_is_the_reference():
    found = learnt(["b", "a", "b", "z"], has_reference=True)
    assert found.reference == "b"
    assert found.encode(column(["b", "z"])).block.tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_a_reference_may_be_named():
    assert learnt(["b", "a", "b"], has_reference=True, reference="a").terms == ("c=b",)


def test_a_missing_value_is_a_level():
    found = learnt(["a", None, "b"])
    assert found.terms == ("c=a", "c=b", "c (missing)")
    assert found.encode(column([None])).block.tolist() == [[0.0, 0.0, 1.0]]


@pytest.mark.parametrize("has_reference", [False, True])
def test_what_is_new_has_no_term_and_is_said(has_reference):
    found = learnt(["a", "b"], has_reference=has_reference).encode(column(["new", "a"]))
    assert found.unseen.tolist() == [True, False]
    assert not found.block[0].any()


def test_the_reference_is_that_of_most_weight():
    found = Categorical.learn(column(["a", "b", "b"]), np.array([3.0, 1.0, 1.0]), has_reference=True)
    assert found.reference == "a"


def test_rows_without_weight_have_no_level():
    assert Categorical.learn(column(["a", "z"]), np.array([1.0, 0.0]), has_reference=False).levels == ("a",)


def test_numbers_are_levels_by_their_texts():
    numbers = Column("c", Kind.NUMBERS, np.array([10.0, 2.0, 0.5]), np.zeros(3, dtype=bool))
    found = Categorical.learn(numbers, np.ones(3), has_reference=False)
    assert found.levels == ("0.5", "10", "2")
    assert found.encode(column(["2", "10"])).block.tolist() == [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]


def test_the_row_of_a_level_is_its_encoding():
    found = learnt(["a", None, "b", "c"], has_reference=True, reference="b")
    for level in "abc":
        assert found.row(level).tolist() == found.encode(column([level])).block[0].tolist()


def test_the_description_says_what_happens():
    assert learnt(["a", None, "b"]).describe() == "categorical, 2 levels: a, b; a missing value is a level of its own"
    assert (
        "10 levels: 0, 1, 2, 3, 4, 5, 6, 7 and 2 more; reference 0"
        in learnt("0123456789", has_reference=True).describe()
    )
