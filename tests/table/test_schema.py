import numpy as np
import polars as pl
import pytest

from multilogit.table.columns import read_columns
from multilogit.table.encoding import Boolean, Categorical, Numeric, Text
from multilogit.table.schema import Schema, learn_encoding, learn_schema, values_of

LENGTH = Numeric("length", 2.0, 0.5, 2.0, marks_missing=True)
PLACE = Categorical("place", ("north", "south", "west"), None, marks_missing=False)
TAGGED = Boolean("tagged", usual=False, marks_missing=False)
NOTE = Text("note", ("bird", "sea"), (1.0, 1.5))
PRODUCTS = (("length", "place"), ("place", "tagged"))

TABLE = {
    "x": [1.0, 3.0, None],
    "c": ["a", "b", "b"],
    "t": [True, False, True],
    "w": ["one bird", "two birds", "one"],
}


def test_terms_in_the_order_of_the_columns_and_then_of_the_products():
    schema = Schema("kind", (LENGTH, PLACE, TAGGED, NOTE), products=PRODUCTS)
    assert schema.terms == (
        *("length", "length (missing)", "place=north", "place=south", "place=west", "tagged", "note:bird", "note:sea"),
        *("length:place=north", "length:place=south", "length:place=west"),
        *("place=north:tagged", "place=south:tagged", "place=west:tagged"),
    )


def test_spans_cover_the_terms_in_order():
    schema = Schema("kind", (LENGTH, PLACE, TAGGED), products=PRODUCTS)
    assert schema.spans == (
        (("length",), slice(0, 2)),
        (("place",), slice(2, 5)),
        (("tagged",), slice(5, 6)),
        (("length", "place"), slice(6, 9)),
        (("place", "tagged"), slice(9, 12)),
    )


def test_marks_of_missing_values_are_no_values():
    assert (values_of(LENGTH), values_of(PLACE), values_of(NOTE)) == (1, 3, 2)
    assert values_of(Categorical("c", ("a", "b"), "a", marks_missing=True)) == 1


@pytest.mark.parametrize(
    ("role", "name", "kind"),
    [("numeric", "x", Numeric), ("categorical", "c", Categorical), ("boolean", "t", Boolean), ("text", "w", Text)],
)
def test_the_role_decides_the_encoding(role, name, kind):
    column = read_columns(pl.DataFrame(TABLE))[name]
    assert isinstance(learn_encoding(column, role, np.ones(3), has_reference=False), kind)


def test_a_schema_is_learnt_like_another():
    like = Schema("kind", (), "weight", "group", ("NA",), (("x", "c"),))
    columns = read_columns(pl.DataFrame(TABLE))
    found = learn_schema(
        like,
        [(columns["x"], "numeric"), (columns["c"], "categorical")],
        np.ones(3),
        has_reference=True,
        references={"c": "a"},
    )
    assert (found.weights, found.groups, found.missing_marks) == ("weight", "group", ("NA",))
    assert found.terms == ("x", "x (missing)", "c=b", "x:c=b")
