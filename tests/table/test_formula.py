import numpy as np
import pandas as pd
import pytest
from table.frames import measurements

import multilogit
from multilogit.errors import InputError
from multilogit.table.formula import Formula, parse_formula

NAMES = ("y", "a", "b", "c", "my column")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y ~ a", Formula("y", ("a",), frozenset(), ())),
        ("y ~ a + b", Formula("y", ("a", "b"), frozenset(), ())),
        ("y ~ 1 + a", Formula("y", ("a",), frozenset(), ())),
        ("y ~ a*b", Formula("y", ("a", "b"), frozenset(), (("a", "b"),))),
        ("y ~ a + b + a:b", Formula("y", ("a", "b"), frozenset(), (("a", "b"),))),
        ("y ~ (a + b + c)**2 - a:c", Formula("y", ("a", "b", "c"), frozenset(), (("a", "b"), ("b", "c")))),
        ("y ~ C(a) + b", Formula("y", ("a", "b"), frozenset({"a"}), ())),
        ("y ~ `my column`", Formula("y", ("my column",), frozenset(), ())),
        ("y ~ C(`my column`)", Formula("y", ("my column",), frozenset({"my column"}), ())),
        ("C(y) ~ a", Formula("y", ("a",), frozenset({"y"}), ())),
        ("y ~ . - c", Formula("y", ("a", "b", "my column"), frozenset(), ())),
    ],
)
def test_what_a_formula_asks(text, expected):
    found = parse_formula(text, NAMES)
    assert (found.target, found.levels, found.products) == (expected.target, expected.levels, expected.products)
    assert sorted(found.columns) == sorted(expected.columns)


def test_three_columns_have_all_their_products():
    found = parse_formula("y ~ a*b*c", NAMES)
    assert {frozenset(names) for names in found.products} == set(map(frozenset, ["ab", "ac", "bc", "abc"]))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("y ~ log(a)", r"computes 'log\(a\)'; a model file holds data and no code"),
        ("y ~ a + I(b**2)", r"computes 'I\(b"),
        ("y ~ {a + b}", r"no column 'a \+ b'"),
        ("y ~ 2:a", r"no column '2'"),
        ("log(y) ~ a", r"computes 'log\(y\)'"),
        ("y ~ C(a, contr.sum)", "computes"),
        ("y ~ a - 1", "leaves out the intercept, which is always fitted"),
        ("y ~ 0 + a", "leaves out the intercept"),
        ("y ~ a + a:b", "has a:b without b; write a\\*b"),
        ("y ~ a:b", "has a:b without a"),
        ("y + a ~ b", "one column, the target, to the left of ~"),
        ("y:a ~ b", "one column, the target, to the left of ~"),
        ("y ~ aa", r"no column 'aa' \(of the formula\)\. Did you mean 'a'\?"),
        ("z ~ a", r"no column 'z' \(of the formula\)"),
        ("y ~ a +", "cannot be read"),
        ("y ~ (a", "cannot be read"),
        ("a + b", "cannot be read"),
    ],
)
def test_what_a_formula_cannot_ask(text, sentence):
    with pytest.raises(InputError, match=sentence):
        parse_formula(text, NAMES)


def table(rows=80):
    rng = np.random.default_rng(3)
    return pd.DataFrame(measurements(rows) | {"weight": rng.normal(4.0, 1.0, rows), "other": rng.normal(size=rows)})


def test_a_product_of_numbers_is_a_column_of_their_standardised_product():
    data = table()
    z = {name: (data[name] - data[name].mean()) / data[name].std(ddof=0) for name in ("length", "weight")}
    product = (z["length"] * z["weight"]).to_numpy()
    X = np.column_stack([z["length"], z["weight"], product])
    found = multilogit.fit("kind ~ length*weight", data, C=0.7, holdout="none")
    direct = multilogit.LogisticRegression(C=0.7).fit(X, data["kind"])
    assert found.model.schema.terms == ("length", "weight", "length:weight")
    np.testing.assert_allclose(found.predict_proba(data).to_numpy(), direct.predict_proba(X), rtol=0, atol=1e-7)


def test_a_product_with_levels_is_a_column_for_each():
    data = table()
    z = ((data["length"] - data["length"].mean()) / data["length"].std(ddof=0)).to_numpy()
    levels = pd.get_dummies(data["place"]).to_numpy(dtype=float)
    X = np.column_stack([levels, z, levels * z[:, None]])
    found = multilogit.fit("kind ~ place*length", data, C=0.7, holdout="none")
    direct = multilogit.LogisticRegression(C=0.7).fit(X, data["kind"])
    np.testing.assert_allclose(found.predict_proba(data).to_numpy(), direct.predict_proba(X), rtol=0, atol=1e-7)


def test_columns_that_the_formula_does_not_name_are_left_out():
    found = multilogit.fit("kind ~ length + tagged", table(), C=1.0, holdout="none")
    kept = {each.column: each.role for each in found.decisions if each.role != "dropped"}
    assert kept == {"length": "numeric", "tagged": "boolean", "kind": "target"}
    assert len(found.decisions) == 6
    assert found.model.record.options[0] == ("formula", "'kind ~ length + tagged'")
    by_names = multilogit.fit(table()[["length", "tagged", "kind"]], "kind", C=1.0, holdout="none")
    np.testing.assert_array_equal(found.model.estimator.coef_, by_names.model.estimator.coef_)


def test_weights_and_groups_are_no_columns_that_a_formula_leaves_out():
    found = multilogit.fit("kind ~ length", table(), C=1.0, holdout="none", weights="weight", groups="place")
    roles = {each.column: each.role for each in found.decisions}
    assert (roles["weight"], roles["place"]) == ("weights", "groups")


def test_numbers_marked_as_levels_are_levels():
    data = table().assign(year=[2007, 2008, 2009, 2009] * 20)
    found = multilogit.fit("kind ~ C(year)", data, C=1.0, holdout="none")
    assert found.model.schema.terms == ("year=2007", "year=2008", "year=2009")


def test_a_column_that_cannot_be_used_is_an_error():
    with pytest.raises(InputError, match="the formula names 'one', which cannot be used: it is constant"):
        multilogit.fit("kind ~ length + one", table().assign(one=1.0))


def test_text_is_not_multiplied():
    notes = [f"the bird number {row} was seen" for row in range(80)]
    with pytest.raises(InputError, match="the formula multiplies 'note', which is free text"):
        multilogit.fit("kind ~ length*note", table().assign(note=notes))


def test_the_order_within_a_product_does_not_matter():
    data = table()
    first = multilogit.fit("kind ~ length*weight*other", data, C=1.0, holdout="none")
    turned = "kind ~ length + weight + other + weight:length + length:other + weight:other + length:weight:other"
    second = multilogit.fit(turned, data, C=1.0, holdout="none")
    np.testing.assert_allclose(second.predict_proba(data), first.predict_proba(data), rtol=0, atol=1e-8)
    for one, other in zip(first.model.coefficients(), second.model.coefficients(), strict=True):
        np.testing.assert_allclose(np.sort(one, axis=None), np.sort(other, axis=None), rtol=1e-5, atol=1e-8)
