"""The unit of a number does not matter, neither to the choice of C nor to any prediction."""

import numpy as np
import polars as pl
import pytest
from table.models import fitted

UNITS = {"micro": (1e-6, 0.0), "mega": (1e6, 0.0), "feet": (0.3048, 0.0), "kelvin": (1.8, 459.67), "far": (1e-6, -3.0)}


def table(classes, rows=80):
    rng = np.random.default_rng(classes)
    x, z = rng.normal(20.0, 5.0, rows), rng.normal(size=rows)
    score = 0.3 * (x - 20) + z + rng.logistic(size=rows)
    kind = np.digitize(score, [-1.0, 1.0] if classes == 3 else [0.0])
    return {"x": x, "z": z, "level": rng.choice(["p", "q"], rows), "kind": [f"k{k}" for k in kind]}


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("C", [None, 0.3, np.inf], ids=["auto", "0.3", "inf"])
def test_another_unit_gives_the_same_predictions(C, classes):
    plain = table(classes)
    first = fitted(pl.DataFrame(plain), C=C, holdout="none").model
    P = first.predict(pl.DataFrame(plain)).probabilities
    for factor, offset in UNITS.values():
        scaled = pl.DataFrame(plain | {"x": plain["x"] * factor + offset})
        found = fitted(scaled, C=C, holdout="none").model
        assert found.estimator.C == first.estimator.C
        np.testing.assert_allclose(found.predict(scaled).probabilities, P, rtol=0, atol=1e-8)


@pytest.mark.parametrize("C", [None, 0.3], ids=["auto", "0.3"])
def test_another_unit_gives_the_same_scores(C):
    plain = table(2)
    first = fitted(pl.DataFrame(plain), C=C, holdout="cv").model.record.assessment
    found = fitted(pl.DataFrame(plain | {"x": 1e6 * plain["x"] - 7.0}), C=C, holdout="cv").model.record.assessment
    for one, other in zip(first.comparisons, found.comparisons, strict=True):
        assert other.model == pytest.approx(one.model, abs=1e-8)


def test_products_of_numbers_do_not_depend_on_the_unit():
    plain = table(3)
    scaled = pl.DataFrame(plain | {"x": 1e6 * plain["x"] + 5.0})
    first, second = (
        fitted(pl.DataFrame(each), C=1.0, holdout="none", products=(("x", "z"),)).model for each in (plain, scaled)
    )
    np.testing.assert_allclose(
        second.predict(scaled).probabilities, first.predict(pl.DataFrame(plain)).probabilities, rtol=0, atol=1e-8
    )


def test_the_coefficients_are_in_the_unit_of_the_table():
    plain = table(3)
    first, second = (
        fitted(pl.DataFrame(plain | {"x": unit * plain["x"]}), C=1.0, holdout="none").model for unit in (1.0, 1e6)
    )
    (coef, intercept), (scaled, same) = first.coefficients(), second.coefficients()
    np.testing.assert_allclose(scaled[:, 0] * 1e6, coef[:, 0], rtol=1e-6)
    np.testing.assert_allclose(scaled[:, 1:], coef[:, 1:], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(same, intercept, rtol=1e-6)
