import datetime

import polars as pl
import pytest

from multilogit.errors import InputError
from multilogit.table.columns import read_columns
from multilogit.table.target import check_target, labels


def column(values):
    return read_columns(pl.DataFrame({"y": values}))["y"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([None, None], "no values"),
        ([datetime.date(2020, 1, 1)] * 2, "dates or times.*Convert it to text"),
        ([[1], [2]], "nested or binary values"),
        (["a", "a", None], "constant: 'a' in all 2 rows"),
        (["a", None], "constant: 'a' in the only row"),
        ([1.0, None, 2.0, 0.25], r"fractional numbers \(row 4: 0.25\).*this looks like regression"),
        ([1.0, float("inf")], "infinite in row 2"),
        (["a", "b", "c"], "3 different values in 3 rows, so it names rows"),
        ([f"t{i}" if i < 31 else "t0" for i in range(60)], "31 different values in 60 rows"),
        ([i // 3 for i in range(90)], "30 different values in 90 rows.*this looks like regression"),
        ([f"{i // 3}.0" for i in range(90)], "30 different values in 90 rows.*naming it categorical"),
        (["2020-01-01", "2021-01-01", "2020-01-01"], r"dates or times \(row 1: '2020-01-01'\)"),
    ],
)
def test_what_is_no_target(values, sentence):
    with pytest.raises(InputError, match=sentence):
        check_target(column(values), forced=False)


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b", "a"],
        [0, 1, 1],
        [0.0, 1.0, 1.0],
        [True, False, True],
        [i // 30 for i in range(900)],
        [i % 500 for i in range(5_000)],
        [f"t{i // 3}" for i in range(90)],
        [f"t{i}" if i < 30 else "t0" for i in range(60)],
    ],
)
def test_what_is_a_target(values):
    check_target(column(values), forced=False)


def test_a_target_that_is_named_categorical_is_taken_as_it_is():
    fractional = column([0.5, 1.5, 2.5])
    check_target(fractional, forced=True)
    assert labels(fractional).tolist() == [0.5, 1.5, 2.5]
    with pytest.raises(InputError, match="constant"):
        check_target(column([0.5, 0.5]), forced=True)
    with pytest.raises(InputError, match="infinite"):
        check_target(column([0.5, float("inf")]), forced=True)


@pytest.mark.parametrize(
    ("values", "kind"), [(["b", "a"], "U"), ([1, 2], "i"), ([1.0, 2.0], "f"), ([True, False], "b")]
)
def test_labels_keep_their_type(values, kind):
    assert labels(column(values)).dtype.kind == kind
