"""The line search on convex functions of one variable, posed as an objective."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from multilogit._objective.conversation import answer
from multilogit._objective.sums import Sums, Want
from multilogit._solvers.line_search import lengths, line_search


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


def searched(value, slope, rounding=1e-13):
    """Return the lengths that are tried along a function from zero, and whether the last one is accepted."""
    tried, trials = [], lengths(value(0.0), slope(0.0), rounding)
    length = next(trials)
    while True:
        tried.append(length)
        try:
            length = trials.send((value(length), slope(length)))
        except StopIteration as end:
            return tried, end.value


# Not convex along the line, as the loss of a network is not.
BENT = {
    "waves on a slope": (lambda a: np.sin(3 * a) - 4 * a, lambda a: 3 * np.cos(3 * a) - 4),
    "waves in a bowl": (lambda a: (a - 7) ** 2 + 2 * np.sin(2 * a), lambda a: 2 * (a - 7) + 4 * np.cos(2 * a)),
    "two wells": (lambda a: (a + 0.2) ** 4 - 8 * (a + 0.2) ** 2, lambda a: 4 * (a + 0.2) ** 3 - 16 * (a + 0.2)),
    "a flat shoulder, then down": (lambda a: -np.tanh(a) - 1e-3 * a**2, lambda a: -1 / np.cosh(a) ** 2 - 2e-3 * a),
    "a plain behind a ditch": (
        lambda a: np.log(1 + (100 * a - 2) ** 2),
        lambda a: 200 * (100 * a - 2) / (1 + (100 * a - 2) ** 2),
    ),
}


@pytest.mark.parametrize("name", BENT)
@pytest.mark.parametrize("stretch", [0.1, 1.0, 30.0])
def test_an_accepted_length_satisfies_the_conditions_of_any_smooth_function(name, stretch):
    value, slope = (lambda a: BENT[name][0](stretch * a)), (lambda a: stretch * BENT[name][1](stretch * a))
    tried, accepted = searched(value, slope)
    assert tried[0] == 1.0
    assert len(tried) <= 30
    if accepted:
        assert value(tried[-1]) <= value(0.0)
        assert 0.9 * slope(0.0) <= slope(tried[-1]) <= -0.8 * slope(0.0)
    assert accepted or name == "waves on a slope"


def test_lengths_double_while_the_slope_is_as_steep_as_at_first():
    tried, accepted = searched(lambda a: -a + 1e-4 * a**2, lambda a: -1 + 2e-4 * a)
    assert tried == [2.0**i for i in range(10)]
    assert accepted


def test_no_length_leaves_the_bracket():
    """Between the longest that was too short and the shortest that was too long, and off its ends by a tenth."""
    value, slope = BENT["a plain behind a ditch"]
    tried, accepted = searched(value, slope)
    assert accepted
    assert len(tried) > 4
    low, high = 0.0, tried[0]
    for length in tried[1:]:
        width = high - low
        assert low + 0.0999 * width <= length <= high - 0.0999 * width
        low, high = (length, high) if slope(length) < 0 else (low, length)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_or_a_slope_that_is_none_is_too_far(bad):
    for which in ("value", "slope", "both"):
        value = lambda a: bad if a > 0.01 and which != "slope" else (a - 0.01) ** 2  # noqa: B023, E731
        slope = lambda a: bad if a > 0.01 and which != "value" else 2 * (a - 0.01)  # noqa: B023, E731
        tried, accepted = searched(value, slope)
        assert accepted
        assert tried[-1] <= 0.01


@pytest.mark.parametrize(("rounding", "accepted"), [(1e-13, False), (1e-9, True)])
def test_a_value_may_rise_by_its_rounding_alone(rounding, accepted):
    tried, found = searched(lambda a: 10.0 + 1e-10 * (a > 0), lambda a: 1e-12 * (a - 1), rounding)
    assert found == accepted
    assert (tried == [1.0]) == accepted
