"""The duality gaps bound f - f* from above, everywhere; and the tilted one is tight near the optimum.

f* is the oracle's: damped Newton on the definition. Beyond a bound only the rounding of f itself is allowed.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import objective_of, one_of, parameters, problem
from tables import PROBLEMS, STACKED

from multilogit._objective.conversation import answer
from multilogit._objective.penalty import L2
from multilogit._objective.sums import Want
from multilogit._proofs.duality_gap import duality_gap, optimistic_gap, tilted_gap

WANT = Want.GRADIENT | Want.CLASS_SUMS
ROUNDING = 1e-13
PENALISED = {name: arguments for name, arguments in PROBLEMS.items() if np.isfinite(arguments.get("C", 1.0))}


@cache
def optimum(name, C):
    """Return (objective, f*, theta*) of an entry of the table, at some C."""
    objective = problem(**PENALISED[name] | {"C": C})
    value, T = Brute.of(objective).minimum()
    return objective, value, T[:, None]


def tilted(objective, theta, sums):
    """Return the tilted gap by two sweeps, having seen that what saves them gives the same."""
    bound = answer(tilted_gap(objective, theta, sums))
    knowing = replace(sums, class_curvature=objective.evaluate(theta, Want.CLASS_CURVATURE).class_curvature)
    assert answer(tilted_gap(objective, theta, knowing)) == bound
    hessian = objective.evaluate(theta, Want.HESSIAN).hessian
    np.testing.assert_allclose(answer(tilted_gap(objective, theta, sums, hessian[0, :, :, :, -1])), bound, rtol=1e-8)
    return bound


def assert_bounds(objective, theta, optimal):
    """Assert that both gaps bound f - f*, and return them with f - f*."""
    sums = objective.evaluate(theta, WANT)
    bounds = duality_gap(objective, theta, sums), tilted(objective, theta, sums)
    excess = sums.value[0] - optimal
    for bound in bounds:
        assert bound >= excess - ROUNDING * abs(sums.value[0])
    return *bounds, excess


@pytest.mark.parametrize("C", [1e-4, 1e-2, 1.0, 1e2, 1e4])
@pytest.mark.parametrize("name", PENALISED)
def test_gaps_are_bounds(name, C):
    """At random points, and at points ever nearer to the optimum."""
    objective, optimal, best = optimum(name, C)
    for seed, scale in enumerate([0.0, 0.1, 1.0, 10.0]):
        assert_bounds(objective, parameters(objective, scale, seed), optimal)
    away = parameters(objective, 1.0, 7)
    for distance in [1.0, 0.1, 1e-2, 1e-4, 1e-6, 1e-8]:
        assert_bounds(objective, best + distance * away, optimal)
        intercept_only = np.zeros_like(away)
        intercept_only[-1] = away[-1]
        assert_bounds(objective, best + distance * intercept_only, optimal)


def dual_point(objective, theta, tilt):
    """Return probabilities P~ whose residuals sum to zero, and how far from P the bound takes them to be."""
    brute = Brute.of(objective)
    P = np.exp(brute.log_probability(theta[:, 0]))
    c = brute.c * brute.Y.sum(axis=1)
    if tilt:
        curvatures = np.array([np.diag(p) - np.outer(p, p) for p in P])
        total = np.tensordot(c, curvatures, axes=1)
        step = -np.linalg.pinv(total) @ brute.residual(theta[:, 0]).sum(axis=0)
        rho = np.ptp(step)
        return P + curvatures @ step, 0.5 * (1 + rho) * step @ total @ step, rho <= 1
    p, y = c @ P / c.sum(), brute.c @ brute.Y / c.sum()
    t = max(0.0, *((p - y)[p > 0] / p[p > 0]))
    q = np.maximum(p - (p - y) / t, 0.0)
    logarithm = np.log(np.where(q > 0, q, 1.0)) - np.where(q > 0, brute.log_probability(theta[:, 0]), 0.0)
    return (1 - t) * P + t * q, t * c @ (q * logarithm).sum(axis=1), True


@pytest.mark.parametrize("tilt", [False, True], ids=["free", "tilted"])
@pytest.mark.parametrize("name", [name for name in PENALISED if PENALISED[name].get("fit_intercept", True)])
def test_the_bound_is_that_of_its_dual_point(name, tilt):
    """sum of c_i m_i KL(P~_i | P_i), bounded, + |g~ + lambda W|^2 / (2 lambda), every sum over rows written out."""
    objective, _, best = optimum(name, 1.0)
    brute, states = Brute.of(objective), set()
    for distance in (0.03, 0.3, 3.0, 6.0):
        theta = best + distance * parameters(objective)
        P, divergence, inside = dual_point(objective, theta, tilt)
        residual = brute.c[:, None] * (brute.Y.sum(axis=1, keepdims=True) * P - brute.Y)
        np.testing.assert_allclose(residual.sum(axis=0), 0.0, atol=1e-10)
        gradient = (brute.A.T @ residual @ brute.E.T + brute.strength[:, None] * theta[:, 0])[:-1]
        expected = divergence + 0.5 * (gradient**2).sum() if inside else np.inf
        sums = objective.evaluate(theta, WANT)
        bound = (tilted if tilt else duality_gap)(objective, theta, sums)
        np.testing.assert_allclose(bound, expected, rtol=1e-9)
        if inside:
            assert (P >= -1e-15).all()
        states.add(inside)
    assert states == ({True, False} if tilt else {True})


@pytest.mark.parametrize("name", PENALISED)
def test_the_tilted_gap_is_tight(name):
    """|g|^2 / (2 lambda) exceeds g' H^-1 g / 2 at most by the condition of H + lambda; and falls as its square."""
    objective, optimal, best = optimum(name, 1.0)
    hessian = Brute.of(objective).hessian(best[:, 0])
    n = hessian.shape[0] * hessian.shape[1]
    largest = np.linalg.eigvalsh(hessian.reshape(n, n))[-1]
    away = parameters(objective, 1.0, 3)
    for distance in [1e-3, 1e-4, 1e-5]:
        _, sharp, excess = assert_bounds(objective, best + distance * away, optimal)
        assert sharp <= 1.1 * largest * excess + 1e-12 * optimal


@pytest.mark.parametrize("name", PENALISED)
def test_both_gaps_vanish_at_the_optimum(name):
    objective, optimal, best = optimum(name, 1.0)
    free, sharp, _ = assert_bounds(objective, best, optimal)
    assert sharp <= 1e-15 * optimal
    assert free <= 1e-9 * optimal


def test_the_free_gap_is_linear_in_the_gradient_of_the_intercept_and_the_tilted_one_quadratic():
    objective, optimal, best = optimum("three classes", 1.0)
    away = np.zeros_like(best)
    away[-1] = [1.0, -1.0, 0.0]
    near, nearer = (assert_bounds(objective, best + step * away, optimal) for step in (1e-4, 1e-6))
    np.testing.assert_allclose(near[0] / nearer[0], 1e2, rtol=0.05)
    np.testing.assert_allclose(near[1] / nearer[1], 1e4, rtol=0.05)


@pytest.mark.parametrize("name", STACKED)
def test_gaps_of_stacked_problems(name):
    """A problem of a stack has the gaps that it has alone."""
    objective = problem(**STACKED[name])
    for scale in (0.0, 0.3, 3.0):
        theta = parameters(objective, scale)
        stacked = objective.evaluate(theta, WANT)
        for r in range(2):
            view, single, here = objective.problem(r), one_of(objective, r), theta[:, [r]]
            sums = single.evaluate(here, WANT)
            free, sharp, _ = assert_bounds(single, here, Brute.of(single).minimum()[0])
            np.testing.assert_allclose(duality_gap(view, here, stacked.problem(r)), free, rtol=1e-9)
            np.testing.assert_allclose(tilted(view, here, sums), sharp, rtol=1e-9)


def test_without_intercept_the_gap_is_the_conjugate_of_the_gradient():
    objective = problem(3, fit_intercept=False)
    theta = parameters(objective)
    sums = objective.evaluate(theta, WANT)
    expected = 0.5 * (sums.gradient**2).sum()
    np.testing.assert_allclose(duality_gap(objective, theta, sums), expected, rtol=1e-14)
    np.testing.assert_allclose(tilted(objective, theta, sums), expected, rtol=1e-14)
    np.testing.assert_allclose(optimistic_gap(objective, sums), expected, rtol=1e-14)


def test_the_optimistic_gap_is_both_bounds_but_for_the_intercept():
    """Where the intercept's gradient is zero there is nothing to mix in and nothing to tilt."""
    X, y = np.array([[-1.0], [1.0], [-2.0], [2.0]]), np.array([0, 1, 0, 1])
    objective = objective_of(X, y, 2)
    theta = np.array([[[0.3]], [[0.0]]])
    sums = objective.evaluate(theta, WANT)
    assert abs(sums.gradient[-1, 0, 0]) <= 1e-15
    expected = 0.5 * sums.gradient[0, 0, 0] ** 2
    for bound in (
        optimistic_gap(objective, sums),
        *assert_bounds(objective, theta, Brute.of(objective).minimum()[0])[:2],
    ):
        np.testing.assert_allclose(bound, [expected], rtol=1e-12)


def test_strengths_may_differ_by_feature():
    objective = problem(3)
    objective = replace(objective, penalty=L2(np.array([[1e-3], [1.0], [10.0], [0.2]])))
    optimal, best = Brute.of(objective).minimum()
    for distance in (1.0, 1e-3, 1e-6):
        assert_bounds(objective, best[:, None] + distance * parameters(objective), optimal)


def test_an_unpenalised_weight_has_no_duality_gap():
    objective = replace(problem(3), penalty=L2(np.array([[0.0], [1.0], [1.0], [1.0]])))
    theta = parameters(objective)
    sums = objective.evaluate(theta, WANT)
    assert duality_gap(objective, theta, sums) == np.inf
    assert tilted(objective, theta, sums) == np.inf


@pytest.mark.parametrize("level", [30.0, 300.0, 800.0])
@pytest.mark.parametrize("K", [2, 3])
def test_gaps_are_bounds_where_every_curvature_has_vanished(K, level):
    """A class with rows but an intercept of -level: its gradient is large, its curvature rounds to zero.

    The weights have no gradient, so all of the distance lies in the intercepts.
    """
    X = np.tile([[-1.0], [1.0]], (K, 1))
    objective = objective_of(X, np.repeat(np.arange(K), 2), K)
    optimal = 2 * K * np.log(K)
    theta = objective.layout.zeros()
    theta[-1, 0, -1] = -level
    assert_bounds(objective, theta, optimal)
