import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from table.frames import LIBRARIES

from multilogit.errors import InputError
from multilogit.table.columns import Kind, level_texts, read_columns, select

EVERY_KIND = {
    "number": [1.5, None, 3.0],
    "integer": [1, 2, 3],
    "truth": [True, False, True],
    "text": ["a", None, "b"],
    "gap": [None, None, None],
    "day": [datetime.datetime(2020, 1, 1), None, datetime.datetime(2020, 1, 3)],
    "nested": [[1], [2], [3]],
}
KINDS = {
    "number": Kind.NUMBERS,
    "integer": Kind.NUMBERS,
    "truth": Kind.BOOLEANS,
    "text": Kind.TEXT,
    "gap": Kind.EMPTY,
    "day": Kind.DATES,
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_kinds_and_missing_values_of_every_library(library):
    table = {name: values for name, values in EVERY_KIND.items() if name in KINDS}
    columns = read_columns(LIBRARIES[library](table))
    assert {name: column.kind for name, column in columns.items()} == KINDS
    for name, values in table.items():
        assert columns[name].missing.tolist() == [value is None for value in values], name


@pytest.mark.parametrize("library", LIBRARIES)
def test_values_of_every_library(library):
    columns = read_columns(LIBRARIES[library](EVERY_KIND | {"nested": ["x", "y", "z"]}))
    assert columns["number"].values.tolist()[::2] == [1.5, 3.0]
    assert columns["integer"].values.dtype == np.int64
    assert columns["truth"].values.tolist() == [True, False, True]
    assert columns["text"].values.tolist() == ["a", "", "b"]


def test_nested_values_are_named_so():
    assert read_columns(pl.DataFrame({"x": [[1], [2]]}))["x"].kind is Kind.OTHER


def test_nan_counts_as_missing():
    assert read_columns(pl.DataFrame({"x": [1.0, float("nan")]}))["x"].missing.tolist() == [False, True]
    assert read_columns(pd.DataFrame({"x": pd.Series([1.0, float("nan")], dtype=object)}))["x"].missing.tolist() == [
        False,
        True,
    ]


def test_integers_keep_all_their_digits():
    large = 2**63 + 5
    assert read_columns(pl.DataFrame({"x": pl.Series([large, None], dtype=pl.UInt64)}))["x"].values[0] == large
    assert read_columns(pl.DataFrame({"x": [2**62 + 1, None]}))["x"].values[0] == 2**62 + 1


def test_integers_with_gaps_in_pandas_are_numbers():
    column = read_columns(pd.DataFrame({"x": pd.array([1, None, 3], dtype="Int64")}))["x"]
    assert column.kind is Kind.NUMBERS
    assert column.missing.tolist() == [False, True, False]


@pytest.mark.parametrize(
    "series",
    [pd.Series(["a", "b", None], dtype="category"), pd.Series(["a", "b", None], dtype=object)],
    ids=["category", "object"],
)
def test_text_of_pandas_in_other_clothes(series):
    column = read_columns(pd.DataFrame({"x": series}))["x"]
    assert column.kind is Kind.TEXT
    assert column.values[:2].tolist() == ["a", "b"]
    assert column.missing.tolist() == [False, False, True]


def test_categories_of_polars_are_text():
    series = pl.Series("x", ["a", "b"], dtype=pl.Enum(["b", "a"]))
    assert read_columns(series.to_frame())["x"].values.tolist() == ["a", "b"]


def test_booleans_with_a_gap_in_pandas():
    column = read_columns(pd.DataFrame({"x": pd.Series([True, None, np.False_], dtype=object)}))["x"]
    assert column.kind is Kind.BOOLEANS
    assert column.missing.tolist() == [False, True, False]


def test_mixed_types_name_both_rows():
    with pytest.raises(InputError, match=r"'x' mixes numbers and text: row 2 holds 1, row 3 holds 'a'"):
        read_columns(pd.DataFrame({"x": pd.Series([None, 1, "a"], dtype=object)}))
    with pytest.raises(InputError, match=r"mixes booleans and numbers"):
        read_columns(pd.DataFrame({"x": pd.Series([True, 1], dtype=object)}))


def test_a_foreign_value_is_named():
    with pytest.raises(InputError, match=r"'x' holds \{\} \(dict\) in row 2"):
        read_columns(pd.DataFrame({"x": pd.Series(["a", {}], dtype=object)}))


def test_names_that_are_no_text_are_refused():
    with pytest.raises(InputError, match=r"names of columns must be text\. Got 0 \(int\)"):
        read_columns(pd.DataFrame({0: [1.0, 2.0], "y": ["a", "b"]}))


def test_an_array_is_no_table():
    with pytest.raises(TypeError):
        read_columns(np.zeros((2, 2)))


def test_levels_of_numbers_and_booleans_have_plain_names():
    columns = read_columns(pl.DataFrame({"x": [1.0, 0.5, -2.0], "b": [True, False, True], "i": [3, 4, 5]}))
    assert level_texts(columns["x"]).tolist() == ["1", "0.5", "-2"]
    assert level_texts(columns["b"]).tolist() == ["true", "false", "true"]
    assert level_texts(columns["i"]).tolist() == ["3", "4", "5"]


def test_select_takes_values_and_gaps_together():
    column = select(read_columns(pl.DataFrame({"x": [1.0, None, 3.0]}))["x"], np.array([2, 1]))
    assert column.values[0] == 3.0
    assert column.missing.tolist() == [False, True]
