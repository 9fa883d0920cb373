"""Coefficients per unit give the logits of the standardised ones, on terms that nobody standardised."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from table.models import fitted

from multilogit.table.columns import read_columns
from multilogit.table.encode import encode
from multilogit.table.encoding import Numeric
from multilogit.table.schema import Schema, learn_schema
from multilogit.table.units import raw_units

PRODUCTS = {
    "none": (),
    "two numbers": (("a", "b"),),
    "number and level": (("a", "c"),),
    "level and number": (("c", "b"),),
    "three": (("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")),
    "three, turned": (("b", "a"), ("c", "a"), ("b", "c"), ("c", "a", "b")),
}


def table(rows=40):
    rng = np.random.default_rng(5)
    a = rng.normal(37.0, 0.4, rows)
    a[3] = np.nan
    return {
        "a": a,
        "b": rng.normal(-2.0, 30.0, rows),
        "c": rng.choice(["p", "q", "r"], rows),
        "d": rng.random(rows) < 0.5,
    }


def learnt(products=(), *, has_reference=False):
    columns = read_columns(pl.DataFrame(table()))
    roles = {"a": "numeric", "b": "numeric", "c": "categorical", "d": "boolean"}
    chosen = [(columns[name], role) for name, role in roles.items()]
    like = Schema("y", (), products=products)
    return columns, learn_schema(like, chosen, np.ones(40), has_reference=has_reference, references={})


def plain(schema):
    """The same terms, of numbers as they are in the table."""
    of_zero = {"mean": 0.0, "sd": 1.0}
    columns = [replace(each, **of_zero) if isinstance(each, Numeric) else each for each in schema.columns]
    return replace(schema, columns=tuple(columns))


@pytest.mark.parametrize("products", PRODUCTS.values(), ids=PRODUCTS)
@pytest.mark.parametrize("has_reference", [False, True])
def test_the_logits_are_the_same(products, has_reference):
    columns, schema = learnt(products, has_reference=has_reference)
    X, raw_X = encode(schema, columns).X, encode(plain(schema), columns).X
    rng = np.random.default_rng(0)
    coef, intercept = rng.normal(size=(3, X.shape[1])), rng.normal(size=3)
    raw, constant = raw_units(schema, coef, intercept)
    terms = np.abs(raw_X) @ np.abs(raw).T + np.abs(constant)  # what may cancel
    assert (np.abs(raw_X @ raw.T + constant - (X @ coef.T + intercept)) <= 1e-12 * np.maximum(terms, 1.0)).all()


def test_what_is_given_is_not_changed():
    _, schema = learnt((("a", "b"),))
    coef, intercept = np.ones((2, len(schema.terms))), np.zeros(2)
    raw_units(schema, coef, intercept)
    assert (coef == 1.0).all()
    assert (intercept == 0.0).all()


def test_a_number_that_is_constant_has_no_coefficient():
    schema = Schema("y", (Numeric("a", 5.0, np.inf, 5.0, marks_missing=False),))
    raw, constant = raw_units(schema, np.array([[3.0]]), np.array([1.0]))
    assert (raw.tolist(), constant.tolist()) == ([[0.0]], [1.0])


def test_a_number_by_hand():
    schema = Schema("y", (Numeric("a", 5.0, 2.0, 5.0, marks_missing=False),))
    raw, constant = raw_units(schema, np.array([[3.0]]), np.array([1.0]))
    assert (raw.tolist(), constant.tolist()) == ([[1.5]], [-6.5])


def test_the_model_says_its_coefficients_in_units_of_the_table():
    rng = np.random.default_rng(2)
    x = rng.normal(50.0, 10.0, 80)
    model = fitted(
        pl.DataFrame({"x": x, "kind": (x + rng.normal(0, 8, 80) > 50).astype(int)}), C=1.0, holdout="none"
    ).model
    coef, intercept = model.coefficients()
    logit = np.log(model.predict(pl.DataFrame({"x": [30.0, 61.0]})).probabilities) @ [-1.0, 1.0]
    np.testing.assert_allclose(coef[0, 0] * np.array([30.0, 61.0]) + intercept[0], logit, rtol=1e-12)
