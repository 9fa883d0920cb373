import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from multilogit.errors import InputError
from multilogit.table.columns import read_columns
from multilogit.table.encode import crossed, encode
from multilogit.table.encoding import Boolean, Categorical, Numeric, Text
from multilogit.table.schema import Schema

LENGTH = Numeric("length", 2.0, 0.5, 2.5, marks_missing=False)
PLACE = Categorical("place", ("north", "south"), None, marks_missing=False)
TAGGED = Boolean("tagged", usual=True, marks_missing=False)
SCHEMA = Schema("kind", (LENGTH, PLACE, TAGGED))
TABLE = {"length": [1.5, 2.0, 3.0], "place": ["south", "north", "south"], "tagged": [True, False, False]}


def design(table, schema=SCHEMA):
    return encode(schema, read_columns(pl.DataFrame(table)))


def test_matrix_by_hand():
    found = design(TABLE)
    np.testing.assert_array_equal(found.X, [[-1, 0, 1, 1], [0, 1, 0, 0], [2, 0, 1, 0]])
    assert found.novelties == ()


def test_products_by_hand():
    schema = Schema("kind", SCHEMA.columns, products=(("length", "place"), ("length", "place", "tagged")))
    np.testing.assert_array_equal(
        design(TABLE, schema).X[:, 4:], [[0, -1, 0, -1], [0, 0, 0, 0], [0, 2, 0, 0]], strict=False
    )
    assert len(schema.terms) == design(TABLE, schema).X.shape[1]


def test_marks_are_not_multiplied():
    marked = Numeric("length", 2.0, 0.5, 2.5, marks_missing=True)
    schema = Schema("kind", (marked, TAGGED), products=(("length", "tagged"),))
    found = design(TABLE | {"length": [None, 2.0, 3.0]}, schema)
    np.testing.assert_array_equal(found.X, [[1, 1, 1, 1], [0, 0, 0, 0], [2, 0, 0, 0]])


def test_words_make_the_matrix_sparse():
    schema = Schema(
        "kind", (*SCHEMA.columns, Text("note", ("bird", "sea"), (1.0, 1.0))), products=(("length", "place"),)
    )
    found = design(TABLE | {"note": ["a bird", None, "sea sea"]}, schema)
    assert sparse.issparse(found.X)
    np.testing.assert_array_equal(found.X.toarray()[:, :4], design(TABLE).X)
    np.testing.assert_array_equal(found.X.toarray()[:, 4:], [[1, 0, 0, -1], [0, 0, 0, 0], [0, 1, 0, 2]])
    assert found.novelties == ()


def test_the_order_of_the_table_and_other_columns_do_not_matter():
    turned = {"other": ["x"] * 3, **dict(reversed(TABLE.items()))}
    np.testing.assert_array_equal(design(turned).X, design(TABLE).X)


def test_an_unseen_level_has_no_term_and_is_told():
    found = design(TABLE | {"place": ["south", "west", "east"]})
    assert found.X[1:, 1:3].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    (novelty,) = found.novelties
    assert (novelty.rows, novelty.first_row, novelty.value) == (2, 2, "west")
    assert novelty.sentence() == ("column 'place' holds what training never saw in 2 rows (the first: row 2, 'west')")


def test_a_missing_value_where_training_had_none_is_told():
    found = design(TABLE | {"tagged": [True, False, None], "length": [None, 2.0, None]})
    np.testing.assert_array_equal(found.X, [[1, 0, 1, 1], [0, 1, 0, 0], [1, 0, 1, 1]])
    assert [(each.column, each.rows, each.first_row) for each in found.novelties] == [
        ("length", 2, 1),
        ("tagged", 1, 3),
    ]
    assert found.novelties[1].sentence() == (
        "column 'tagged' has no value in 1 row (the first: row 3); in training every row had one"
    )


def test_a_missing_value_where_training_had_some_is_not_new():
    marked = Schema("kind", (Categorical("place", ("north", "south"), None, marks_missing=True),))
    assert design({"place": [None, "north"]}, marked).novelties == ()


@pytest.mark.parametrize("name", ["length", "place", "tagged"])
def test_a_column_without_any_value_is_missing_in_every_row(name):
    found = design(TABLE | {name: [None] * 3})
    assert [(each.column, each.rows, each.value) for each in found.novelties] == [(name, 3, None)]


def test_an_empty_table_has_an_empty_design():
    assert design({name: [] for name in TABLE}).X.shape == (0, 4)
    words = Schema("kind", (Text("note", ("bird", "sea"), (1.0, 1.0)),))
    assert design({"note": []}, words).X.shape == (0, 2)


def test_numbers_name_levels_as_their_text_does():
    schema = Schema("kind", (Categorical("code", ("1", "2"), None, marks_missing=False),))
    for codes in ([1, 2], [1.0, 2.0], ["1", "2"]):
        np.testing.assert_array_equal(design({"code": codes}, schema).X, np.eye(2))


def test_numbers_written_as_text_are_numbers():
    np.testing.assert_array_equal(design(TABLE | {"length": ["1.5", "2", "3.0"]}).X, design(TABLE).X)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"length": ["1", "b", "c"]}, r"'length' is to be numeric, but row 2 holds 'b'"),
        ({"length": [True, False, True]}, r"'length' holds booleans, but the model was trained on it as numeric"),
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
def test_one_term_per_level_sums_to_one_in_every_known_row(places):
    schema = Schema("kind", (PLACE,))
    found = design({"place": pl.Series(places, dtype=pl.String)}, schema)
    known = np.array([place in {"north", "south"} for place in places])
    np.testing.assert_array_equal(found.X.sum(axis=1), known)
    assert sum(each.rows for each in found.novelties) == (~known).sum()


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4))
def test_crossing_is_the_product_of_every_pair(rows, left, right):
    rng = np.random.default_rng(rows)
    a, b = rng.normal(size=(rows, left)), rng.normal(size=(rows, right))
    np.testing.assert_array_equal(crossed(a, b), [np.kron(x, y) for x, y in zip(a, b, strict=True)])
