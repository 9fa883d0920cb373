"""Gradient descent, momentum and Nesterov's rule against their formulas, compiled and not."""

import numpy as np
import pytest
from solvers.trajectories import KERNELS, START, assert_follows, slope, trained

from multilogit._solvers.sgd import SGD


def plain():
    return lambda w, g, rate, t: w - rate * g


def heavy_ball(momentum, *, nesterov=False):
    """Each weight by itself, so that no array is shared with the rule."""

    def begun():
        v = [0.0] * START.size

        def step(w, g, rate, t):
            for i in range(len(v)):
                v[i] = momentum * v[i] - rate * g[i]
            ahead = [momentum * v[i] - rate * g[i] for i in range(len(v))]
            return w + np.array(ahead if nesterov else v)

        return step

    return begun


@KERNELS
def test_descent(kernels):
    assert_follows(kernels, SGD(), 0.3, plain)


@KERNELS
@pytest.mark.parametrize("momentum", [0.3, 0.9, 1.0])
def test_momentum(kernels, momentum):
    assert_follows(kernels, SGD(momentum), 0.05, heavy_ball(momentum))


@KERNELS
@pytest.mark.parametrize("momentum", [0.3, 0.9])
def test_nesterov(kernels, momentum):
    assert_follows(kernels, SGD(momentum, nesterov=True), 0.05, heavy_ball(momentum, nesterov=True))


@KERNELS
def test_nesterov_without_momentum_is_descent(kernels):
    ours, theirs = (trained(kernels, rule, 0.1, 20).theta() for rule in (SGD(0.0, nesterov=True), SGD()))
    np.testing.assert_array_equal(ours, theirs)


@KERNELS
def test_the_slot_is_the_velocity(kernels):
    assert trained(kernels, SGD(), 0.1, 3).slots() == ()
    (v,) = trained(kernels, SGD(0.9), 0.1, 1).slots()
    np.testing.assert_allclose(v, -0.1 * slope(START), rtol=1e-13, atol=1e-15)


def test_a_step_moves_weights_and_slot_in_place():
    w, v = np.array([1.0, 2.0]), np.array([0.5, -0.5])
    SGD(0.5).move(w, np.array([2.0, 4.0]), [v], 0.25, 1)
    np.testing.assert_array_equal(v, [-0.25, -1.25])
    np.testing.assert_array_equal(w, [0.75, 0.75])
    SGD(0.5, nesterov=True).move(w, np.array([4.0, 0.0]), [v], 0.25, 2)
    np.testing.assert_array_equal(v, [-1.125, -0.625])
    np.testing.assert_array_equal(w, [-0.8125, 0.4375])
