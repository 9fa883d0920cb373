import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit.errors import InputError
from multilogit.table.columns import read_columns
from multilogit.table.encode import encode
from multilogit.table.schema import Boolean, Categorical, Numeric, Schema

COLUMNS = (Numeric("length"), Categorical("place", ("north", "south"), False), Boolean("tagged"))
SCHEMA = Schema("kind", COLUMNS)
TABLE = {"length": [1.5, 2.0, 3.0], "place": ["south", "north", "south"], "tagged": [True, False, False]}


def design(table, schema=SCHEMA):
    return encode(schema, read_columns(pl.DataFrame(table)))


def test_matrix_by_hand():
    found = design(TABLE)
    assert SCHEMA.terms == ("length", "place=north", "place=south", "tagged")
    np.testing.assert_array_equal(found.X, [[1.5, 0, 1, 1], [2, 1, 0, 0], [3, 0, 1, 0]])
    assert found.first is None
    assert not found.unusable.any()


def test_a_reference_level_has_no_term():
    schema = Schema("kind", (Categorical("place", ("north", "south"), True),))
    assert schema.terms == ("place=south",)
    np.testing.assert_array_equal(design(TABLE, schema).X, [[1], [0], [1]])


def test_the_order_of_the_table_and_other_columns_do_not_matter():
    turned = {"other": ["x"] * 3, **dict(reversed(TABLE.items()))}
    np.testing.assert_array_equal(design(turned).X, design(TABLE).X)


def test_an_unseen_level_keeps_its_row_and_is_told():
    found = design(TABLE | {"place": ["south", "west", "east"]})
    assert found.unusable.tolist() == [False, True, True]
    assert np.isnan(found.X[1:]).all()
    assert found.first.sentence() == "row 2 has 'west' in column 'place', which training never saw"


def test_a_missing_value_keeps_its_row_and_is_told():
    found = design(TABLE | {"tagged": [True, False, None]})
    assert found.unusable.tolist() == [False, False, True]
    assert found.first.sentence() == "row 3 has no value in column 'tagged'"


def test_a_column_without_any_value_makes_every_row_unusable():
    assert design(TABLE | {"place": [None] * 3}).unusable.all()


def test_an_empty_table_has_an_empty_design():
    assert design({name: [] for name in TABLE}).X.shape == (0, 4)


def test_numbers_name_levels_as_their_text_does():
    schema = Schema("kind", (Categorical("code", ("1", "2"), False),))
    for codes in ([1, 2], [1.0, 2.0], ["1", "2"]):
        np.testing.assert_array_equal(design({"code": codes}, schema).X, np.eye(2))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"length": ["a", "b", "c"]}, r"'length' holds text, but the model was trained on it as numeric"),
        ({"tagged": [1.0, 0.0, 1.0]}, r"'tagged' holds numbers, but .* boolean"),
        ({"place": [[1], [2], [3]]}, r"'place' holds nested"),
        ({"length": [1.0, float("inf"), 2.0]}, r"'length' is infinite in row 2"),
    ],
)
def test_other_values_than_in_training_are_refused(change, sentence):
    with pytest.raises(InputError, match=sentence):
        design(TABLE | change)


def test_a_missing_column_suggests_the_nearest_that_is_free():
    table = {("lenght" if name == "length" else name): values for name, values in TABLE.items()}
    with pytest.raises(InputError, match=r"no column 'length' \(an input of the model\). Did you mean 'lenght'\?"):
        design(table)
    with pytest.raises(InputError, match=r"Its columns are 'place', 'tagged'"):
        design({name: values for name, values in TABLE.items() if name != "length"})


@given(st.lists(st.sampled_from(["north", "south", "west", None]), min_size=1, max_size=30))
def test_one_term_per_level_sums_to_one_in_every_usable_row(places):
    schema = Schema("kind", (Categorical("place", ("north", "south"), False),))
    found = design({"place": pl.Series(places, dtype=pl.String)}, schema)
    np.testing.assert_array_equal(found.unusable, [place not in {"north", "south"} for place in places])
    assert (found.X[~found.unusable].sum(axis=1) == 1).all()
