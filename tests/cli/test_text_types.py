import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit.cli.text_types import typed_by_schema, typed_by_values
from multilogit.errors import InputError
from multilogit.table import Boolean, Categorical, Numeric, Schema


def typed(values, **options):
    frame = pl.DataFrame({"x": values}, schema={"x": pl.String})
    return typed_by_values(frame, **({"target": "y", "categorical": ()} | options))["x"]


def by_schema(values, treatment):
    return typed_by_schema(pl.DataFrame({"x": values}, schema={"x": pl.String}), Schema("y", (treatment,)))["x"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_read_to_the_last_bit(values):
    assert typed([repr(value) for value in values]).to_list() == values


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["1", "-2.5", "+3", "1e5", ".5", None], pl.Float64),
        (["true", "False", "TRUE", None], pl.Boolean),
        (["9007199254740992", "-1"], pl.Float64),
        (["9007199254740993", "-1", None], pl.String),
        (["9007199254740993", "1.5"], pl.Float64),
        (["a", "b", None], pl.String),
        (["1", "a", "b"], pl.String),
        (["yes", "no"], pl.String),
        (["1,000", "2.5", "b"], pl.String),
        ([None, None], pl.String),
    ],
)
def test_types_that_the_values_show(values, dtype):
    found = typed(values)
    assert found.dtype == dtype
    assert found.is_null().to_list() == [value is None for value in values]


def test_a_column_named_categorical_stays_text():
    assert typed(["01", "1"], categorical=["x"]).to_list() == ["01", "1"]


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
    with pytest.raises(InputError, match=r"'x' holds numbers, but '\?' in row 3 is none\. .* --na '\?'"):
        typed(["1", None, "?", "2"])


def test_numbers_with_commas():
    for values in (["1,5", "2,5"], ["1,000,000", None, "-2,000"]):
        with pytest.raises(InputError, match="numbers with commas"):
            typed(values)


def test_the_schema_decides_at_prediction():
    assert by_schema(["1", "2"], Categorical("x", ("1", "a"), False)).to_list() == ["1", "2"]
    assert by_schema(["1", None], Numeric("x")).to_list() == [1.0, None]
    assert by_schema(["True", None], Boolean("x")).to_list() == [True, None]


@pytest.mark.parametrize(
    ("treatment", "value", "expected"), [(Numeric("x"), "2,5", "a number"), (Boolean("x"), "1", "true or false")]
)
def test_a_value_of_another_type_names_its_row(treatment, value, expected):
    with pytest.raises(InputError, match=rf"'x' holds '{value}' in row 3; expected {expected}, as in training"):
        by_schema([None, None, value], treatment)


def test_columns_that_the_table_lacks_are_left_to_the_encoding():
    frame = pl.DataFrame({"other": ["1"]})
    assert typed_by_schema(frame, Schema("y", (Numeric("x"),))).columns == ["other"]
