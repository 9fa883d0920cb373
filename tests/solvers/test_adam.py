"""Adam and amsgrad against the published algorithm, compiled and not."""

import math

import numpy as np
import pytest
from solvers.trajectories import KERNELS, START, assert_follows, slope, trained

from multilogit._solvers.adam import Adam

CHOICES = [{}, {"beta_1": 0.5, "beta_2": 0.9}, {"beta_1": 0.0}, {"amsgrad": True, "beta_2": 0.5}, {"epsilon": 0.1}]


def formula(beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    """Return algorithm 1 of Kingma and Ba with "epsilon hat": the corrections are made to m and v themselves."""

    def begun():
        m, v, largest = np.zeros((3, START.size))

        def step(w, g, rate, t):
            m[:] = beta_1 * m + (1 - beta_1) * g
            v[:] = beta_2 * v + (1 - beta_2) * g**2
            largest[:] = np.maximum(largest, v)
            root = math.sqrt(1 - beta_2**t)
            m_hat, v_hat = m / (1 - beta_1**t), (largest if amsgrad else v) / root**2
            return w - rate * m_hat / (np.sqrt(v_hat) + epsilon / root)

        return step

    return begun


@KERNELS
@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_two_hundred_steps(kernels, choices):
    assert_follows(kernels, Adam(**choices), 0.002, formula(**choices))


@KERNELS
def test_the_first_step_is_the_rate_against_the_sign(kernels):
    moved = trained(kernels, Adam(epsilon=1e-12), 0.01, 1).theta() - START
    np.testing.assert_allclose(moved, -0.01 * np.sign(slope(START)), rtol=1e-8)


@KERNELS
def test_amsgrad_differs_where_squares_of_the_gradient_have_fallen(kernels):
    with_it, without = (trained(kernels, Adam(beta_2=0.5, amsgrad=each), 0.05, 60).theta() for each in (True, False))
    assert np.abs(with_it - without).max() > 1e-3


@KERNELS
@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_the_slots_are_m_v_and_the_largest_v(kernels, choices):
    slots = trained(kernels, Adam(**choices), 0.01, 1).slots()
    beta_1, beta_2, g = choices.get("beta_1", 0.9), choices.get("beta_2", 0.999), slope(START)
    assert len(slots) == (3 if "amsgrad" in choices else 2)
    np.testing.assert_allclose(slots[0], (1 - beta_1) * g, rtol=1e-12)
    for v in slots[1:]:
        np.testing.assert_allclose(v, (1 - beta_2) * g**2, rtol=1e-12)


@KERNELS
def test_the_corrections_go_on_where_an_earlier_training_ended(kernels):
    """The number of steps so far is part of the state, as m and v are."""
    rule = Adam(beta_2=0.99)
    whole, half = (trained(kernels, rule, 0.01, steps) for steps in (40, 20))
    fresh = trained(kernels, rule, 0.01, 20, slots=half.slots(), iterations=0)
    later = trained(kernels, rule, 0.01, 20, slots=half.slots(), iterations=20)
    assert (whole.iterations, half.iterations, later.iterations) == (40, 20, 40)
    assert np.abs(fresh.theta() - later.theta()).max() > 1e-4


def test_a_first_step_by_hand():
    w, m, v = np.array([1.0]), np.zeros(1), np.zeros(1)
    Adam(beta_1=0.5, beta_2=0.75, epsilon=1.0).move(w, np.array([4.0]), [m, v], 0.5, 1)
    np.testing.assert_array_equal([m[0], v[0]], [2.0, 4.0])
    np.testing.assert_allclose(w, [1.0 - 0.5 * math.sqrt(0.25) / 0.5 * 2 / (2 + 1)], rtol=1e-15)
