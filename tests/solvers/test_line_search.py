"""The line search on convex functions of one variable, posed as an objective."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from multilogit._objective.conversation import answer
from multilogit._objective.sums import Sums, Want
from multilogit._solvers.line_search import line_search


@dataclass
class Curve:
    """A function of one variable behind the objective's two verbs; counts its evaluations."""

    value: object
    slope: object
    penalty = SimpleNamespace(unpenalised=False)
    n_threads = 1
    rounding = 1e-13

    def __post_init__(self):
        self.asked = []

    def evaluate(self, theta, want):
        self.asked.append(want)
        x = theta.item()
        return Sums(value=np.array([self.value(x)]), gradient=np.full((1, 1, 1), self.slope(x)))

    def sampled(self, stride):
        return self

    def work(self, want):
        return 1.0


CURVES = {
    "quadratic": (lambda x: (x - 1) ** 2, lambda x: 2 * (x - 1)),
    "flat quadratic": (lambda x: 1e-4 * (x - 50) ** 2, lambda x: 2e-4 * (x - 50)),
    "steep quadratic": (lambda x: 1e4 * (x - 0.01) ** 2, lambda x: 2e4 * (x - 0.01)),
    "quartic": (lambda x: (x - 3) ** 4, lambda x: 4 * (x - 3) ** 3),
    "logistic": (lambda x: np.logaddexp(0, x) - 0.01 * x, lambda x: 1 / (1 + np.exp(-x)) - 0.01),
    "nearly linear, then a wall": (
        lambda x: -x + np.exp(20 * (x - 5)),
        lambda x: -1 + 20 * np.exp(20 * (x - 5)),
    ),
}


def run(curve, x=0.0, length=1.0, **arguments):
    theta = np.full((1, 1, 1), x)
    start = curve.evaluate(theta, Want.GRADIENT)
    direction = -np.sign(start.gradient) * length
    slope = float(np.vdot(start.gradient, direction))
    return start, direction, answer(line_search(curve, theta, start, direction, slope, **arguments))


@pytest.mark.parametrize("length", [1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("name", CURVES)
def test_the_step_satisfies_the_conditions(name, length):
    """From a Newton step where the curvature has vanished as well: it may be a million times too long."""
    with np.errstate(over="ignore"):
        curve = Curve(*CURVES[name])
        start, direction, step = run(curve, length=length)
    assert step.accepted
    before, after = np.vdot(start.gradient, direction), np.vdot(step.sums.gradient, direction)
    assert 0.9 * before <= after <= -0.8 * before
    assert step.sums.value[0] <= start.value[0]
    assert step.effort.passes == len(curve.asked) - 1
    np.testing.assert_array_equal(step.sums.value, curve.value(step.theta.item()))


def test_a_newton_step_is_taken_at_once():
    curve = Curve(*CURVES["quadratic"])
    _, _, step = run(curve)
    assert step.theta.item() == 1.0
    assert (step.effort.passes, step.effort.work) == (1, 1.0)


def test_only_the_first_trial_asks_for_more():
    curve = Curve(*CURVES["steep quadratic"])
    _, _, step = run(curve, first=Want.GRADIENT | Want.CLASS_SUMS | Want.HESSIAN)
    assert step.effort.passes > 1
    assert [Want.HESSIAN in want for want in curve.asked[1:]] == [True] + [False] * (step.effort.passes - 1)


def test_a_value_that_only_rounding_raises_is_accepted():
    """Near the optimum the slope decides: here the value stands still at 1, while the slope turns cleanly."""
    curve = Curve(lambda x: 1.0 + 5e-14 * (x > 0.5), lambda x: 1e-9 * (x - 1))
    _, _, step = run(curve)
    assert step.accepted
    assert step.theta.item() == 1.0


def test_a_value_that_rises_is_not():
    curve = Curve(lambda x: 1.0 + 1e-6 * (x > 0.5), lambda x: 1e-9 * (x - 1))
    _, _, step = run(curve)
    assert not step.accepted or step.theta.item() <= 0.5


def test_no_step_satisfies_the_conditions_of_a_linear_function():
    curve = Curve(lambda x: -x, lambda x: -1.0)
    _, _, step = run(curve)
    assert not step.accepted
    assert step.effort.passes == len(curve.asked) - 1 == 30


def test_infinite_values_are_too_far():
    curve = Curve(lambda x: x**2 if x < 10 else np.inf, lambda x: 2 * x if x < 10 else np.nan)
    _, _, step = run(curve, x=-5.0, length=100.0)
    assert step.accepted
    assert abs(step.theta.item()) <= 4.5
