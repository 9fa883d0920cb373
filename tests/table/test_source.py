from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from table.frames import measurements, with_gaps

from multilogit.errors import InputError
from multilogit.table import Request, train
from multilogit.table.roles import Roles
from multilogit.table.source import opened, roles_of_formula

KINDS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table, "mapping": dict}


def hashed(data):
    return opened(data).source.sha256


def fitted(data, **options):
    table = opened(data)
    roles = Roles("kind")
    return train(table.for_training(roles), Request(roles, 1.0, "none"), table.source).model


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("table", [measurements(), with_gaps()], ids=["whole", "gaps"])
def test_every_library_gives_the_same_hash_and_the_same_model(kind, table):
    first, second = fitted(pl.DataFrame(table)), fitted(KINDS[kind](table))
    assert second.record.source.sha256 == first.record.source.sha256
    assert second.schema == first.schema
    assert second.estimator.coef_.tobytes() == first.estimator.coef_.tobytes()
    assert opened(KINDS[kind](table)).names == ("length", "place", "tagged", "kind")


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_frame_is_called_after_its_library(kind):
    assert opened(KINDS[kind](measurements())).source.name == f"a {kind} table"


@pytest.mark.parametrize(
    "change",
    [
        {"length": [*measurements()["length"][:-1], 40.0]},
        {"place": ["east", *measurements()["place"][1:]]},
        {"tagged": [not each for each in measurements()["tagged"]]},
        {"place": [None, *measurements()["place"][1:]]},
        {"other": [1] * 60},
    ],
)
def test_another_value_is_another_hash(change):
    assert hashed(pl.DataFrame(measurements() | change)) != hashed(pl.DataFrame(measurements()))


def test_another_name_or_order_is_another_hash():
    table = pl.DataFrame(measurements())
    found = {hashed(table), hashed(table.rename({"place": "site"})), hashed(table[::-1]), hashed(table[:, ::-1])}
    assert len(found) == 4


def test_an_empty_text_is_no_missing_one():
    assert hashed(pl.DataFrame({"x": ["a", ""]})) != hashed(pl.DataFrame({"x": ["a", None]}))


def test_the_index_of_pandas_is_no_content():
    table = pd.DataFrame(measurements())
    assert hashed(table.set_index(np.arange(60) + 7)) == hashed(table)


@pytest.mark.parametrize("as_path", [Path, str])
def test_a_file_of_text_is_the_table_that_was_written(tmp_path, as_path):
    path = tmp_path / "birds.csv"
    pl.DataFrame(measurements()).write_csv(path)
    model, same = fitted(as_path(path)), fitted(pl.DataFrame(measurements()))
    assert opened(as_path(path)).names == ("length", "place", "tagged", "kind")
    assert model.record.source.name == "birds.csv"
    assert len(model.record.source.sha256) == 64
    assert model.schema == same.schema
    assert model.estimator.coef_.tobytes() == same.estimator.coef_.tobytes()
    again = opened(as_path(path)).for_prediction(model.schema)
    assert (
        model.predict(again).probabilities.tobytes()
        == same.predict(pl.DataFrame(measurements())).probabilities.tobytes()
    )


def test_a_parquet_file_is_the_table_that_was_written(tmp_path):
    path = tmp_path / "birds.parquet"
    pl.DataFrame(measurements()).write_parquet(path)
    assert fitted(path).estimator.coef_.tobytes() == fitted(pl.DataFrame(measurements())).estimator.coef_.tobytes()


def test_columns_that_are_to_be_levels_or_words_stay_text(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text("code,year,x,kind\n1,2007,1,a\n10,2008,2,b\n")
    roles = Roles("kind", overrides={"code": "categorical", "year": "text", "x": "numeric"})
    assert opened(path).for_training(roles).dtypes == [pl.String, pl.String, pl.Float64, pl.String]


def test_marks_of_missing_values_are_those_that_are_given(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("x,kind\n1,NA\n-9,b\n")
    usual, own = (opened(path, marks).for_training(Roles("kind")).rows() for marks in ((), ("-9",)))
    assert usual == [(1.0, None), (-9.0, "b")]
    assert own == [(1.0, "NA"), (None, "b")]


def test_what_is_open_stays_so():
    table = opened(measurements())
    assert opened(table) is table


@pytest.mark.parametrize("data", [np.zeros((2, 2)), [[1, 2]], 3, None, pl.DataFrame(measurements()).lazy()])
def test_what_is_no_table_is_refused(data):
    with pytest.raises(InputError, match="expected a pandas, polars or pyarrow table, a mapping of columns, or a path"):
        opened(data)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "none.csv")


def test_a_formula_gives_roles_beside_those_that_were_named():
    named = Roles("", weights="w", groups="g", overrides={"b": "text"}, references={"a": "x"})
    found = roles_of_formula("y ~ C(a)*b", named, ["y", "a", "b", "c", "w", "g"])
    assert found == replace(
        named,
        target="y",
        overrides={"a": "categorical", "b": "text", "c": "drop"},
        products=(("a", "b"),),
        wanted=frozenset({"a", "b"}),
    )
