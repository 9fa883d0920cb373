import numpy as np
import polars as pl

from multilogit.table.columns import read_columns
from multilogit.table.rows import Rows


def rows(groups=None):
    x = read_columns(pl.DataFrame({"x": [1.0, 2.0, None, 4.0]}))["x"]
    return Rows(
        ((x, "numeric"),),
        np.array(["a", "b"]),
        np.array([0, 1, 1, 0]),
        np.array([1.0, 2.0, 3.0, 4.0]),
        groups,
        np.array([0, 2, 3, 5]),
    )


def test_some_rows_keep_everything_that_belongs_to_them():
    found = rows(np.array(["p", "q", "r", "s"])).take(np.array([3, 2]))
    assert found.by_name["x"].missing.tolist() == [False, True]
    assert found.by_name["x"].values[0] == 4.0
    assert found.classes.tolist() == ["a", "b"]
    assert found.codes.tolist() == [0, 1]
    assert found.weight.tolist() == [4.0, 3.0]
    assert found.groups.tolist() == ["s", "r"]
    assert found.place.tolist() == [5, 3]


def test_without_groups_there_are_none():
    assert rows().take(np.array([1])).groups is None
