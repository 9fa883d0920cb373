import numpy as np
import pytest
from benchmarks import kernels
from benchmarks.machine.probe import bound
from benchmarks.memory import allowance
from benchmarks.problem import Data, Shape

from multilogit._kernels import core


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["multilogit", kernels.EXACT, "sklearn-lbfgs"])
def test_value_and_gradient_are_those_of_the_formula(name, dtype):
    found = kernels.measure({"rival": name, "shape": [300, 7, 4], "dtype": dtype})
    reference = name == "multilogit" and core == "reference"  # which knows float64 alone
    exact = dtype == "float64" or name == kernels.EXACT or reference
    assert (found["error"] < 1e-12) == exact
    assert found["error"] < 1e-4
    assert 0 < found["seconds"] < 5


def test_the_products_are_those_of_the_data():
    data = Data(np.arange(6.0).reshape(3, 2), np.array([0, 1, 2]))
    theta = np.vstack([np.eye(2, 3), np.zeros(3)])
    _, G = kernels.products(data)(theta)
    assert np.array_equal(G, data.X.T @ data.X @ np.eye(2, 3))


def test_a_wrong_gradient_would_be_seen():
    data = Data(np.arange(6.0).reshape(3, 2), np.array([0, 1, 2]))
    theta = np.zeros((3, 3))
    value, gradient = kernels.ours(data)(theta)
    assert kernels._error(data, theta, value, gradient) < 1e-14
    gradient[0, 0] *= 1 + 1e-6
    assert kernels._error(data, theta, value, gradient) > 1e-8


def test_the_bound_is_the_slower_of_reading_and_computing():
    reading = {"bandwidth": 8e6, "peak": 1e30}
    assert bound((1000, 99, 2), "float64", reading) == pytest.approx(0.1)
    assert bound((1000, 98, 2), "float32", reading) == pytest.approx(0.05)
    computing = {"bandwidth": 1e30, "peak": 4e6}
    assert bound((1000, 10, 100), "float32", computing) == pytest.approx(1.0)


def test_the_allowance_of_memory():
    shape = Shape(1000, 10, 3, 10_000)
    assert allowance(shape, 8) == 0.1 * 80_000 + 8 * (26 * 30 + 100)
    assert allowance(shape, 4) == 0.1 * 40_000 + 8 * (26 * 30 + 100)
