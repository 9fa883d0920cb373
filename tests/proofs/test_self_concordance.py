"""The Newton decrement's bound: the formula against mpmath, M by brute force, and the bound at every Newton iterate."""

import math

import mpmath
import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import objective_of, problem

from multilogit._objective.sums import Want
from multilogit._proofs.self_concordance import decrement_bound, largest_logit_change
from multilogit._solvers.factor import HessianFactor

UNPENALISED = {
    "binary": {"K": 2},
    "binary, no intercept": {"K": 2, "fit_intercept": False},
    "three classes": {"K": 3, "weighted": True},
    "three classes, offset": {"K": 3, "offset": True},
    "four classes, soft, one out of play": {"K": 4, "mask": [[True, True, False, True]], "weighted": True},
    "sparse": {"K": 3, "source": "CSR"},
}


def at_infinite_C(arguments):
    return problem(**arguments, C=np.inf, N=60, D=2)


@pytest.mark.parametrize("M", [1e-3, 1.0, 37.0])
@pytest.mark.parametrize("x", [1e-12, 1e-6, 0.99e-4, 1.01e-4, 1e-3, 0.1, 0.36])
def test_the_formula(M, x):
    nu = x / M
    with mpmath.workdps(60):
        t = mpmath.mpf(M) * mpmath.mpf(nu)
        exact = ((1 - t) * mpmath.log1p(-t) + t) / mpmath.mpf(M) ** 2
        ours = mpmath.mpf(decrement_bound(nu, M))
        # Above by the series' remainder, below by rounding: (1 - x) log(1 - x) cancels against x down to x^2 / 2.
        assert exact * (1 - 4e-16 / x) <= ours <= exact * (1 + 4e-16 / x + x * x) or x < 1e-4
        assert exact * (1 - 1e-15) <= ours <= exact * (1 + x * x + 1e-15) or x > 1e-4


@pytest.mark.parametrize(("nu", "M"), [(1.0, 1 / math.e), (1.0, 1.0), (10.0, 3.0), (1.0, math.inf), (math.nan, 1.0)])
def test_no_bound_beyond_one_over_e(nu, M):
    assert decrement_bound(nu, M) == math.inf


def test_at_the_optimum_the_bound_is_zero():
    assert decrement_bound(0.0, 5.0) == 0.0
    assert decrement_bound(1e-3, 0.0) == 0.5e-6


@pytest.mark.parametrize("name", UNPENALISED)
def test_largest_logit_change_is_the_maximum_over_rows_and_pairs(name):
    objective = at_infinite_C(UNPENALISED[name])
    theta = objective.layout.zeros()
    H = objective.evaluate(theta, Want.HESSIAN).hessian
    brute, E = Brute.of(objective), objective.layout.contrasts[0]
    D, F = len(theta), E.shape[1]
    reduced = np.einsum("jf,jdke,kg->dfeg", E, H[0], E).reshape(D * F, D * F)
    inverse = np.linalg.inv(reduced)
    full = brute.E.T @ E  # (K, F): the logits that the contrasts give
    squares = []
    for a, c in zip(brute.A, brute.c, strict=True):
        for j in np.flatnonzero(brute.present):
            for k in np.flatnonzero(brute.present):
                direction = np.outer(a, full[j] - full[k]).ravel()
                squares.append(direction @ inverse @ direction if c > 0 else 0.0)
    M = largest_logit_change(objective, HessianFactor.of(objective.layout, H).inverse())
    np.testing.assert_allclose(M, np.sqrt(max(squares)), rtol=1e-10)


@pytest.mark.parametrize("name", UNPENALISED)
def test_the_bound_holds_at_every_newton_iterate(name):
    objective = at_infinite_C(UNPENALISED[name])
    optimal, best = Brute.of(objective).minimum()
    finite = 0
    for distance in [0.0, 1e-7, 1e-5, 1e-3, 1e-2, 0.1, 0.2, 0.5, 1.0]:
        theta = best[:, None] * (1 - distance)
        for _ in range(4):
            sums = objective.evaluate(theta, Want.GRADIENT | Want.HESSIAN)
            factor = HessianFactor.of(objective.layout, sums.hessian)
            step = factor.solve(sums.gradient)
            nu = math.sqrt(max(float(np.vdot(sums.gradient, step)), 0.0))
            bound = decrement_bound(nu, largest_logit_change(objective, factor.inverse()))
            excess = float(sums.value[0]) - optimal
            assert bound >= excess - 1e-13 * abs(optimal)
            if np.isfinite(bound) and bound > 1e-10:
                finite += 1
                assert bound <= 4 * excess
            theta = theta - step
    assert finite >= 4


def test_neither_number_depends_on_the_units():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)), rng.integers(0, 3, 80)
    numbers = []
    for units in (np.ones(3), np.array([1e-6, 1.0, 1e6])):
        objective = objective_of(X * units, y, 3, C=np.inf)
        sums = objective.evaluate(objective.layout.zeros(), Want.GRADIENT | Want.HESSIAN)
        factor = HessianFactor.of(objective.layout, sums.hessian)
        nu = math.sqrt(np.vdot(sums.gradient, factor.solve(sums.gradient)))
        numbers.append([nu, largest_logit_change(objective, factor.inverse())])
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-10)


def test_rows_without_weight_do_not_count():
    X, y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 2
    far = np.vstack([X, [[1e6, 1e6]]])
    M = []
    for rows, labels, weight in ((X, y, np.ones(30)), (far, np.append(y, 0), np.append(np.ones(30), 0.0))):
        objective = objective_of(rows, labels, 2, C=np.inf, weight=weight)
        H = objective.evaluate(objective.layout.zeros(), Want.HESSIAN).hessian
        M.append(largest_logit_change(objective, HessianFactor.of(objective.layout, H).inverse()))
    np.testing.assert_allclose(M[0], M[1], rtol=1e-12)
