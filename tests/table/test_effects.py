"""Effects against predictions on tables in which the column was changed."""

import numpy as np
import polars as pl
import pytest
from table.models import fitted
from table.problems import everything

from multilogit.table import effects as effects_module
from multilogit.table.effects import effects, full

PRODUCTS = {"none": (), "interactions": (("x", "level"), ("truth", "x"))}


def complete(rows=90):
    """Every column without gaps, whose encodings are then those of the values alone; but no words."""
    table = everything(rows)
    rng = np.random.default_rng(4)
    return {
        "x": [20.0 + rng.normal() if value is None else value for value in table["x"]],
        "level": [value or "p" for value in table["level"]],
        "truth": [bool(value) for value in table["truth"]],
        "w": rng.uniform(0.5, 2.0, rows).tolist(),
        "kind": table["kind"],
    }


def of(found, column):
    return next(each for each in found.model.record.effects if each.column == column)


def average(found, table, **values):
    """The mean probabilities where columns have these values."""
    changed = pl.DataFrame(table | {name: np.broadcast_to(value, 90) for name, value in values.items()})
    return np.average(found.model.predict(changed).probabilities, axis=0, weights=table["w"])


@pytest.mark.parametrize("products", PRODUCTS.values(), ids=PRODUCTS)
@pytest.mark.parametrize("C", [1.0, np.inf])
@pytest.mark.parametrize("classes", [2, 3])
def test_effects_are_changes_of_predictions(products, C, classes):
    table = complete()
    if classes == 2:
        table["kind"] = ["two" if kind == "three" else kind for kind in table["kind"]]
    found = fitted(pl.DataFrame(table), C=C, holdout="none", weights="w", products=products)
    x, sd = np.array(table["x"]), found.model.schema.columns[0].sd
    moved = average(found, table, x=x + sd) - average(found, table)
    np.testing.assert_allclose(of(found, "x").change, moved, rtol=0, atol=1e-12)
    assert of(found, "x").contrast == f"+1 sd ({sd:.4g})"
    moved = average(found, table, truth=True) - average(found, table, truth=False)
    np.testing.assert_allclose(of(found, "truth").change, moved, rtol=0, atol=1e-12)
    assert of(found, "truth").contrast == "false to true"
    low, high = of(found, "level").contrast.split(" to ")
    moved = average(found, table, level=high) - average(found, table, level=low)
    np.testing.assert_allclose(of(found, "level").change, moved, rtol=0, atol=1e-12)


def test_levels_are_compared_with_the_most_frequent_one_and_the_strongest_is_told():
    table = complete()
    for C in (1.0, np.inf):
        found = fitted(pl.DataFrame(table), C=C, holdout="none", weights="w")
        weight = {
            level: sum(w for w, each in zip(table["w"], table["level"], strict=True) if each == level)
            for level in "pqr"
        }
        base, high = of(found, "level").contrast.split(" to ")
        assert base == max(weight, key=weight.get)
        moved = {
            level: np.abs(average(found, table, level=level) - average(found, table, level=base)).sum()
            for level in "pqr"
        }
        assert high == max(moved, key=moved.get)


def test_a_level_that_is_missing_everywhere_else_is_still_changed():
    found = fitted(pl.DataFrame(everything()), C=1.0, holdout="none")
    rows = everything() | {"w": [1.0] * 90}
    low, high = of(found, "level").contrast.split(" to ")
    moved = average(found, rows, level=high) - average(found, rows, level=low)
    np.testing.assert_allclose(of(found, "level").change, moved, rtol=0, atol=1e-12)


def test_changes_sum_to_zero_and_the_strongest_is_first():
    found = fitted(pl.DataFrame(everything()), C=1.0, holdout="none").model.record.effects
    assert {each.column for each in found} == {"x", "level", "truth"}  # words have no such change
    assert [each.strength for each in found] == sorted((each.strength for each in found), reverse=True)
    for each in found:
        assert sum(each.change) == pytest.approx(0.0, abs=1e-15)


def test_the_sign_is_that_of_the_data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    table = pl.DataFrame({"x": x, "z": -x + rng.normal(size=200), "kind": (x + rng.normal(size=200) > 0).tolist()})
    found = fitted(table, C=1.0, holdout="none")
    assert of(found, "x").change[1] > 0.2


def test_of_many_rows_some_stand_for_all(monkeypatch):
    found = fitted(pl.DataFrame(complete()), C=1.0, holdout="none")
    every = effects(found.evidence.rows, found.evidence.fitted)
    monkeypatch.setattr(effects_module, "_MOST_ROWS", 30)
    some = effects(found.evidence.rows, found.evidence.fitted)
    assert some != every
    changes = {each.column: (each.contrast, each.change) for each in every}
    for each in some:
        contrast, change = changes[each.column]
        if contrast == each.contrast:
            np.testing.assert_allclose(each.change, change, atol=0.05)


def test_of_many_columns_the_widest_are_told(monkeypatch):
    monkeypatch.setattr(effects_module, "_MOST_COLUMNS", 1)
    found = fitted(pl.DataFrame(complete()), C=1.0, holdout="none").model
    widths = {}
    for (name,), span in found.schema.spans:
        widths[name] = np.ptp(found.estimator.coef_[:, span], axis=0).max()
    assert [each.column for each in found.record.effects] == [max(widths, key=widths.get)]


def test_the_first_of_two_classes_is_zero():
    assert full(np.array([[1.0, 2.0]])).tolist() == [[0.0, 0.0], [1.0, 2.0]]
    assert full(np.eye(3)).tolist() == np.eye(3).tolist()
