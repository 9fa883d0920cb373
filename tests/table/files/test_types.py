import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit.errors import InputError
from multilogit.table.encoding import Boolean, Categorical, Numeric, Text
from multilogit.table.files.types import Texts
from multilogit.table.schema import Schema

NUMBER = Numeric("x", 0.0, 1.0, 0.0, marks_missing=False)
TRUTH = Boolean("x", usual=False, marks_missing=False)
LEVELS = Categorical("x", ("1", "a"), None, marks_missing=False)


def texts(values, decimal="."):
    frame = pl.DataFrame({"x": values}, schema={"x": pl.String})
    return Texts(frame, np.arange(len(values)) + 2, decimal)


def typed(values, target="y", as_text=(), decimal="."):
    return texts(values, decimal).by_values(target, as_text)["x"]


def by_schema(values, encoding, decimal="."):
    return texts(values, decimal).by_schema(Schema("y", (encoding,)))["x"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_read_to_the_last_bit(values):
    assert typed([repr(value) for value in values]).to_list() == values


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["1", "-2.5", "+3", "1e5", ".5", None], pl.Float64),
        (["0", "0.5", "-0.25"], pl.Float64),
        (["true", "False", "TRUE", None], pl.Boolean),
        (["9007199254740992", "-1"], pl.Float64),
        (["9007199254740993", "-1", None], pl.String),
        (["9007199254740993", "1.5"], pl.Float64),
        (["a", "b", None], pl.String),
        (["1", "a", "b"], pl.String),
        (["yes", "no"], pl.String),
        (["1,000", "2.5", "b"], pl.String),
        (["007", "010", "123"], pl.String),
        (["123", "456", "01"], pl.String),
        (["-01", "2"], pl.String),
        ([None, None], pl.String),
    ],
)
def test_types_that_the_values_show(values, dtype):
    found = typed(values)
    assert found.dtype == dtype
    assert found.is_null().to_list() == [value is None for value in values]


def test_a_column_that_is_to_be_text_stays_so():
    assert typed(["1", "true"], as_text=["x"]).to_list() == ["1", "true"]


def test_decimal_commas_are_read_where_they_are_said():
    assert typed(["1,5", "-2", "7"], decimal=",").to_list() == [1.5, -2.0, 7.0]
    assert by_schema(["1,5", None], NUMBER, decimal=",").to_list() == [1.5, None]


def test_a_point_is_no_decimal_mark_where_a_comma_is():
    with pytest.raises(InputError, match=r"line 4: .* holds numbers, but '1\.000' is none"):
        typed(["1,5", "-2", "1.000"], decimal=",")


@pytest.mark.parametrize("values", [["1,5", "2", "3,5"], ["1.000,5", "2,5"], ["1,000", "2,000,000"]])
def test_commas_in_numbers_are_asked_about(values):
    with pytest.raises(InputError, match=r"if they are decimal commas, add --decimal ','|if it is a decimal comma"):
        typed(values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["10", "-2", "0"], [10, -2, 0]),
        (["01", "2"], ["01", "2"]),
        (["1.0", "2.0"], ["1.0", "2.0"]),
        (["1.5", "2.0"], [1.5, 2.0]),
        (["true", "false"], ["true", "false"]),
        (["1" * 30, "2"], ["1" * 30, "2"]),
        ([None], [None]),
    ],
)
def test_labels_stay_as_they_are_written(values, expected):
    assert typed(values, target="x").to_list() == expected


def test_numbers_with_a_few_texts_are_a_question_to_the_user():
    with pytest.raises(InputError, match=r"line 4: column 'x' holds numbers, but '\?' is none\. .* --na '\?'"):
        typed(["1", None, "?", "2"])


def test_numbers_with_commas():
    for values in (["1,5", "2,5"], ["1,000,000", None, "-2,000"]):
        with pytest.raises(InputError, match=r"numbers with commas .* --decimal ','"):
            typed(values)


def test_numbers_with_a_comma_in_some():
    with pytest.raises(InputError, match=r"line 4: column 'x' holds numbers, and '2,5' with a comma; .* --decimal ','"):
        typed(["1", "3", "2,5", "4"])


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999"])
def test_an_infinite_number_names_its_line(value):
    with pytest.raises(InputError, match=rf"line 3: column 'x' holds '{value}', which is infinite or too large"):
        typed(["1", value])
    with pytest.raises(InputError, match=rf"line 3: column 'x' holds '{value}', which is infinite or too large"):
        by_schema(["1", value], NUMBER)


def test_the_schema_decides_at_prediction():
    assert by_schema(["1", "2"], LEVELS).to_list() == ["1", "2"]
    assert by_schema(["1", None], NUMBER).to_list() == [1.0, None]
    assert by_schema(["True", None], TRUTH).to_list() == [True, None]
    assert by_schema(["12", None], Text("x", ("word",), (1.0,))).to_list() == ["12", None]


@pytest.mark.parametrize(
    ("encoding", "value", "expected"),
    [(NUMBER, "2,5", "a number"), (NUMBER, "a", "a number"), (TRUTH, "1", "true or false")],
)
def test_a_value_of_another_type_names_its_line(encoding, value, expected):
    with pytest.raises(InputError, match=rf"line 4: column 'x' holds '{value}'; expected {expected}, as in training"):
        by_schema([None, None, value], encoding)


def test_columns_that_the_table_lacks_are_left_to_the_encoding():
    frame = pl.DataFrame({"other": ["1"], "y": ["2"]})
    found = Texts(frame, np.array([2])).by_schema(Schema("y", (NUMBER,)))
    assert found.columns == ["other", "y"]
    assert found["y"].to_list() == [2]
