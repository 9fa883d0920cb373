"""Corrections from double-double gradients: what they gain, when they stop, what they cost."""

import math

import mpmath
import numpy as np
import pytest
from objective.fits import certified, in_user_units
from objective.test_exact_gradient import mp_gradient

from multilogit._objective.conversation import answer
from multilogit._solvers.base import NO_EFFORT, Effort
from multilogit._solvers.newton import Newton
from multilogit._solvers.polish import correct, locate


def nearly_fitted(name):
    """Return a reference's objective, an iterate of Newton's method near its optimum, and the reference."""
    objective, reference = certified(name)
    solver = Newton()
    state = answer(solver.init(objective, objective.layout.zeros()))
    while not state.stalled and state.decrement > 1e-3:
        state = answer(solver.step(objective, state))
    return objective, state, reference


def by(factor, times=1.0, effort=NO_EFFORT):
    """Return the correction that a factor gives, or a multiple of it."""

    def solve(G):
        yield from ()
        return times * factor.solve(G), effort

    return solve


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "anes96"])
def test_the_polish_gains_digits(name):
    """By the factor of that iterate, which is not the optimum's."""
    objective, state, reference = nearly_fitted(name)
    before = reference.digits(in_user_units(objective, state.theta))
    corrected = answer(correct(objective, state.theta, by(state.factor)))
    after = reference.digits(in_user_units(objective, corrected.theta))
    assert before <= 10
    assert after >= 14
    assert corrected.effort.passes <= 6


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer"])
def test_the_correction_at_the_rounding_of_theta_is_the_last(name):
    """One double-double gradient fewer, and no digit."""
    objective, state, reference = nearly_fitted(name)
    floor = state.factor.rounding(state.theta)
    short = answer(correct(objective, state.theta, by(state.factor), floor=floor))
    long = answer(correct(objective, state.theta, by(state.factor)))
    assert short.effort.passes < long.effort.passes
    assert short.decrement <= 2.0 * floor
    digits = [reference.digits(in_user_units(objective, corrected.theta)) for corrected in (short, long)]
    assert digits[0] >= min(digits[1], 15.5)


def test_a_factor_of_another_point_only_slows_the_contraction():
    objective, state, reference = nearly_fitted("iris")
    early = answer(Newton().init(objective, objective.layout.zeros()))
    near = state.theta * (1 + 1e-6)
    nearby = answer(locate(objective, state.theta * 1.01))
    corrected = answer(correct(objective, near, by(nearby.factor)))
    assert reference.digits(in_user_units(objective, corrected.theta)) >= 9
    assert early.factor is not None


def test_the_decrement_is_that_of_the_exact_gradient():
    objective, state, _ = nearly_fitted("iris")
    corrected = answer(correct(objective, state.theta, by(state.factor)))
    with mpmath.workdps(50):
        G = mp_gradient(objective, corrected.theta).astype(float)[:, None]
    assert np.vdot(G, state.factor.solve(G)) <= 10 * corrected.decrement
    assert corrected.decrement <= 1e-26


def test_the_budget_stops_the_corrections():
    objective, state, _ = nearly_fitted("wine")
    costly = by(state.factor, effort=Effort(7, 100.0))
    one = answer(correct(objective, state.theta, costly, budget=50.0))
    assert one.effort.passes == 8
    assert answer(correct(objective, state.theta, costly, budget=math.inf)).effort.passes > 8


def test_a_solve_that_leads_away_is_not_followed():
    """Steps three times too long double the error each: the polish stops once the decrement has risen."""
    objective, state, reference = nearly_fitted("iris")
    before = reference.digits(in_user_units(objective, state.theta))
    wrong = by(state.factor, 3.0)
    corrected = answer(correct(objective, state.theta, wrong))
    assert corrected.effort.passes <= 3
    assert reference.digits(in_user_units(objective, corrected.theta)) >= before - 0.35


def test_locate_agrees_with_the_solver():
    objective, state, _ = nearly_fitted("iris")
    here = answer(locate(objective, state.theta))
    assert here.decrement == state.decrement
    assert here.value == state.value
    np.testing.assert_array_equal(here.factor.cholesky, state.factor.cholesky)
