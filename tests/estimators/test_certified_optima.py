"""Defaults on raw data: silent, certified, and right to twelve digits in the worst coefficient."""

import warnings

import numpy as np
import pytest
from references import EVERY, PENALISED, load

from multilogit import LogisticRegression, Status


def fit(name):
    problem = load(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return problem, LogisticRegression(C=problem.C).fit(problem.X, problem.y)


@pytest.mark.parametrize("name", PENALISED)
def test_raw_textbook_sets_by_default(name):
    problem, model = fit(name)
    assert problem.C == LogisticRegression().C
    assert model.certificate_.status is Status.CONVERGED
    assert model.certificate_.relative_gap <= 1e-9
    assert model.certificate_.kind == "duality gap"


@pytest.mark.parametrize("name", EVERY)
def test_twelve_digits_in_the_worst_coefficient(name):
    problem, model = fit(name)
    coefficients = np.column_stack([model.coef_, model.intercept_])
    assert problem.digits(coefficients) >= 12
    exact_zeros = np.array([[float(text) == 0 for text in row] for row in problem.coefficients])
    assert np.abs(problem.rows(coefficients)[exact_zeros]).max(initial=0.0) < 1e-15
    assert abs(model.certificate_.objective - float(problem.value)) <= 1e-13 * float(problem.value)


def test_digits_has_thirty_coefficients_that_are_exactly_zero():
    zeros = [float(text) == 0 for row in load("digits").coefficients for text in row]
    assert sum(zeros) == 30
