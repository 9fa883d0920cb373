"""Where a rule leads on a quadratic whose gradient is written out: by its formula, by the reference, compiled."""

import numpy as np
import pytest

from multilogit import _kernels
from multilogit._objective.examples import Examples
from multilogit._objective.network import Dense, Network
from multilogit._solvers.mini_batches import ReferenceTraining, Schedule, Stop, begin

__all__ = ["KERNELS", "START", "assert_follows", "by_formula", "slope", "trained"]

_N, _D, _K = 30, 5, 3
_RNG = np.random.default_rng(12)
_X, _Y = _RNG.normal(size=(_N, _D)), _RNG.normal(size=(_N, _K))
_ONES = np.hstack([_X, np.ones((_N, 1))])
# Far from the optimum: near it rules that divide by the gradient's size turn with every rounding.
START = _RNG.choice([-1.0, 1.0], size=(_D + 1) * _K) * _RNG.uniform(3, 4, size=(_D + 1) * _K)

needs_native = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")
KERNELS = pytest.mark.parametrize("kernels", ["reference", pytest.param("native", marks=needs_native)])


def slope(theta):
    """Return the gradient of the mean over rows and outputs of (x W + b - y)^2."""
    return (2 / (_N * _K) * _ONES.T @ (_ONES @ theta.reshape(-1, _K) - _Y)).ravel()


def by_formula(step, rate, steps):
    """Return the weights after so many steps w = step(w, g, rate, t), t = 1, 2, ..."""
    w = START.copy()
    for t in range(1, steps + 1):
        w = step(w, slope(w), rate, t)
    return w


def trained(kernels, rule, rate, steps, dtype=np.float64, **choices):
    """Return a training of that quadratic after so many steps."""
    schedule = Schedule(
        network=Network(_D, (Dense(_K),)),
        examples=Examples(_X, _Y).astype(dtype),
        rule=rule,
        rate=rate,
        batch_size=_N,
        shuffle=True,
        seed=1,
        **choices,
    )
    training = (ReferenceTraining if kernels == "reference" else begin)(schedule, START.astype(dtype))
    assert training.run(steps, None, 1e9, 1) is Stop.DONE
    return training


def assert_follows(kernels, rule, rate, step, steps=200):
    """Hold the weights after each of some steps, and after many, against the formula, in both types."""
    for count in (1, 2, 3, steps):
        expected = by_formula(step(), rate, count)
        assert np.abs(expected - START).max() > 1e-4
        for dtype, rounding in ((np.float64, 1e-12), (np.float32, 2e-5)):
            found = trained(kernels, rule, rate, count, dtype).theta()
            np.testing.assert_allclose(found, expected, rtol=0, atol=rounding * np.abs(expected).max())
