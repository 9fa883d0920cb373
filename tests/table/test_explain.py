import math

import numpy as np
import polars as pl
import pytest
from table.models import fitted, with_labels
from table.problems import everything

from multilogit.errors import InputError
from multilogit.table.columns import read_columns
from multilogit.table.explain import explain_row

COLUMNS = read_columns(pl.DataFrame(everything()))


@pytest.fixture(scope="module", params=["plain", "products", "without penalty", "two classes"])
def model(request):
    table = everything()
    options = {"C": 2.0, "holdout": "none"}
    if request.param == "products":
        options["products"] = (("x", "level"), ("truth", "x"))
    if request.param == "without penalty":
        options |= {"C": math.inf, "columns": {"note": "drop"}}
    if request.param == "two classes":
        table["kind"] = ["two" if kind == "three" else kind for kind in table["kind"]]
    return fitted(pl.DataFrame(table), **options).model


def test_the_parts_sum_to_the_log_odds(model):
    P = model.predict(pl.DataFrame(everything())).probabilities
    classes = model.estimator.classes_.tolist()
    for row in range(90):
        found = explain_row(model, COLUMNS, row)
        assert math.fsum(part.log_odds for part in found.parts) == found.log_odds
        second, first = np.argsort(P[row])[-2:]
        assert (found.predicted, found.against) == (classes[first], classes[second])
        assert found.log_odds == pytest.approx(math.log(P[row, first]) - math.log(P[row, second]), abs=1e-10)
        assert found.log_odds >= 0
        sizes = [abs(part.log_odds) for part in found.parts]
        assert sizes == sorted(sizes, reverse=True)
        assert dict(found.probabilities) == pytest.approx(dict(zip(classes, P[row].tolist(), strict=True)), abs=1e-15)
        assert found.probabilities[0][0] == found.predicted


def plain(**options):
    return fitted(pl.DataFrame(everything()), C=2.0, holdout="none", **options).model


def parts(model, **values):
    row = {"x": 23.25, "level": "q", "truth": True, "note": "the sea"} | values
    frame = pl.DataFrame({name: [value] for name, value in row.items()})
    found = explain_row(model, read_columns(frame), 0)
    return {part.label: part.log_odds for part in found.parts}


def test_every_column_and_every_word_has_a_part():
    assert set(parts(plain())) == {"base", "x = 23.25", "level = q", "truth = true", "note: the", "note: sea"}


def test_what_is_missing_is_said():
    found = parts(plain(), x=None, level=None, truth=None, note=None)
    assert set(found) == {"base", "x missing", "level missing", "truth missing"}


def test_a_column_that_adds_nothing_has_no_part():
    found = parts(plain(), level="unheard", truth=False, note="unheard words")
    assert set(found) == {"base", "x = 23.25"}


def test_a_product_is_named_by_its_columns():
    found = parts(plain(products=(("x", "level"),)))
    assert "x = 23.25 x level = q" in found


def test_a_part_by_hand():
    model = fitted(
        pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0] * 10, "kind": ["a", "b", "b", "b"] * 10}), C=1.0, holdout="none"
    ).model
    explained = explain_row(model, read_columns(pl.DataFrame({"x": [4.0]})), 0)
    found = {part.label: part.log_odds for part in explained.parts}
    (coef,), (intercept,) = model.estimator.coef_, model.estimator.intercept_
    assert found == {"base": intercept, "x = 4": pytest.approx(coef[0] * 1.5 / math.sqrt(1.25), rel=1e-14)}


def test_any_class_may_be_compared():
    model = plain()
    P = model.predict(pl.DataFrame(everything())).probabilities[0]
    classes = model.estimator.classes_.tolist()
    last, _, first = np.argsort(P)
    found = explain_row(model, COLUMNS, 0, classes[last])
    assert found.against == classes[last]
    assert found.log_odds == pytest.approx(math.log(P[first] / P[last]), abs=1e-10)
    assert math.fsum(part.log_odds for part in found.parts) == found.log_odds


@pytest.mark.parametrize("wanted", [7, "7", 7.0])
def test_a_class_may_be_named_by_its_text(wanted):
    model = with_labels([5, 6, 7])
    low = explain_row(
        model, read_columns(pl.DataFrame({"length": [20.0], "place": ["north"], "tagged": [True]})), 0, wanted
    )
    assert (low.predicted, low.against) == (5, 7)
    assert isinstance(low.against, int)


def test_what_cannot_be_explained():
    model = plain()
    first = explain_row(model, COLUMNS, 0).predicted
    with pytest.raises(InputError, match=r"there is no row 91; the table has 90 rows"):
        explain_row(model, COLUMNS, 90)
    with pytest.raises(InputError, match=r"there is no row 0;"):
        explain_row(model, COLUMNS, -1)
    with pytest.raises(InputError, match=r"there is no row 1; the table has 0 rows"):
        explain_row(model, {}, 0)
    with pytest.raises(InputError, match=r"no class 'four'; the classes are 'one', 'three', 'two'"):
        explain_row(model, COLUMNS, 0, "four")
    with pytest.raises(InputError, match=rf"predicted to be {first} itself; name another class"):
        explain_row(model, COLUMNS, 0, first)
    with pytest.raises(InputError, match="no column 'x'"):
        explain_row(model, {name: column for name, column in COLUMNS.items() if name != "x"}, 0)
