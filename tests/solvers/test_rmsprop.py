"""RMSprop against its formulas, with momentum and centred, compiled and not."""

import numpy as np
import pytest
from solvers.trajectories import KERNELS, START, assert_follows, slope, trained

from multilogit._solvers.rmsprop import RMSprop

CHOICES = [
    {},
    {"rho": 0.5, "epsilon": 1e-3},
    {"rho": 0.0},
    {"momentum": 0.8},
    {"centered": True},
    {"centered": True, "momentum": 0.5, "rho": 0.8, "epsilon": 0.01},
]


def formula(rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    def begun():
        v, a, u = np.zeros((3, START.size))

        def step(w, g, rate, t):
            v[:] = rho * v + (1 - rho) * g**2
            a[:] = rho * a + (1 - rho) * g
            s = rate * g / np.sqrt(v - a**2 * centered + epsilon)
            u[:] = momentum * u + s
            return w - u

        return step

    return begun


@KERNELS
@pytest.mark.parametrize("choices", [each for each in CHOICES if each != {"rho": 0.0}], ids=str)
def test_two_hundred_steps(kernels, choices):
    assert_follows(kernels, RMSprop(**choices), 0.002, formula(**choices))


@KERNELS
def test_without_memory_each_step_is_the_sign_of_the_gradient(kernels):
    """While no gradient is near the root of epsilon."""
    moved = trained(kernels, RMSprop(rho=0.0), 0.001, 1).theta() - START
    np.testing.assert_allclose(moved, -0.001 * slope(START) / np.sqrt(slope(START) ** 2 + 1e-7), rtol=1e-11)
    assert np.abs(slope(START)).min() > 1e-2


@KERNELS
@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_the_slots_are_v_u_and_a(kernels, choices):
    slots = trained(kernels, RMSprop(**choices), 0.01, 1).slots()
    rho, g = choices.get("rho", 0.9), slope(START)
    assert len(slots) == (3 if "centered" in choices else 2 if "momentum" in choices else 1)
    np.testing.assert_allclose(slots[0], (1 - rho) * g**2, rtol=1e-12)
    if "momentum" in choices:
        np.testing.assert_allclose(slots[1], START - trained(kernels, RMSprop(**choices), 0.01, 1).theta(), rtol=1e-11)
    if "centered" in choices:
        np.testing.assert_allclose(slots[2], (1 - rho) * g, rtol=1e-12)


def test_a_first_step_by_hand():
    w, v = np.array([1.0]), np.zeros(1)
    RMSprop(rho=0.75, epsilon=5.0).move(w, np.array([4.0]), [v], 0.5, 1)
    np.testing.assert_array_equal(v, [4.0])  # (1 - 0.75) 16
    np.testing.assert_allclose(w, [1.0 - 0.5 * 4 / 3], rtol=1e-15)  # sqrt(4 + 5) = 3
