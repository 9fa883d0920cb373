"""Metrics of rows: values by hand, the compiled means against them, rows by weight and rows that count alike."""

import math

import numpy as np
import pytest

from multilogit import _kernels
from multilogit._kernels.metrics import METRICS
from multilogit._objective.examples import Examples
from multilogit._objective.network import Activate, Network
from multilogit._objective.network_native import means

LN2, LN3 = math.log(2), math.log(3)
PROBABILITIES = [[0.5, 0.25, 0.25], [0.125, 0.625, 0.25], [0.375, 0.375, 0.25], [0.0, 1.0, 0.0]]
TARGETS = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]]
BY_HAND = {
    "binary_accuracy": [2 / 3, 1 / 3, 2 / 3, 1.0],
    "categorical_accuracy": [1.0, 0.0, 0.0, 1.0],
    "sparse_categorical_accuracy": [1.0, 0.0, 0.0, 1.0],
    "mean_squared_error": [0.125, (49 / 64 + 25 / 64 + 4 / 64) / 3, 38 / 64 / 3, 0.0],
    "mean_absolute_error": [1 / 3, 1.75 / 3, 1.25 / 3, 0.0],
    "binary_crossentropy": [
        (5 * LN2 - 2 * LN3) / 3,
        -(math.log(1 / 8) + math.log(3 / 8) + math.log(3 / 4)) / 3,
        -(math.log(3 / 8) + math.log(5 / 8) + math.log(3 / 4)) / 3,
        0.0,
    ],
    "categorical_crossentropy": [LN2, 3 * LN2, 3 * LN2 - LN3, 0.0],
}


def compiled(names, P, Y=None, labels=None, weight=None):
    """Return the means of metrics over rows that are outputs already, each name with whether it weighs the rows."""
    network = Network(P.shape[1], (Activate("linear"),))
    return means(network, np.empty(0, P.dtype), Examples(P, Y, labels, weight), names, 1)[1:]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", METRICS)
def test_values_by_hand(name, dtype):
    found = METRICS[name](np.array(PROBABILITIES, dtype), np.array(TARGETS, dtype))
    np.testing.assert_allclose(found, BY_HAND[name], rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", METRICS)
def test_the_mean_over_rows_is_compiled_to_the_same(name, dtype):
    P, Y = np.array(PROBABILITIES, dtype), np.array(TARGETS, dtype)
    expected = pytest.approx([np.mean(BY_HAND[name])], rel=float(2 * np.finfo(dtype).eps))
    assert compiled([(name, False)], P, Y) == expected
    assert compiled([(name, False)], P, labels=Y.argmax(axis=1).astype(dtype)) == expected


@pytest.mark.parametrize("name", METRICS)
def test_rows_count_alike_or_by_weight(name):
    P, Y, weight = np.array(PROBABILITIES), np.array(TARGETS, float), np.array([2.0, 0.0, 0.5, 1.5])
    alike, weighed = compiled([(name, False), (name, True)], P, Y, weight=weight)
    assert alike == pytest.approx(np.mean(BY_HAND[name]), rel=1e-15)
    assert weighed == pytest.approx(np.dot(weight, BY_HAND[name]) / 4.0, rel=1e-15)


def test_rows_without_any_weight_give_zero():
    assert compiled([("mean_squared_error", True)], np.ones((2, 3)), np.zeros((2, 3)), weight=np.zeros(2)) == [0.0]


TIES = np.array([[0.5, 0.5, 0.5], [0.2, 0.4, 0.4], [0.1, 0.1, 0.3]])


def test_of_equal_largest_numbers_the_first_counts():
    Y = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.3, 0.4, 0.4]])
    np.testing.assert_array_equal(METRICS["categorical_accuracy"](TIES, Y), [1.0, 0.0, 0.0])
    assert compiled([("categorical_accuracy", False)], TIES, Y) == pytest.approx([1 / 3])


def test_one_half_is_not_above_one_half_and_a_target_between_is_never_right():
    P = np.array([[0.5, np.nextafter(0.5, 1), 0.9]])
    for Y, share in [([[0.0, 1.0, 1.0]], 1.0), ([[1.0, 0.0, 0.0]], 0.0), ([[0.5, 0.9, 1.0]], 1 / 3)]:
        assert METRICS["binary_accuracy"](P, np.array(Y)) == pytest.approx([share])
        assert compiled([("binary_accuracy", False)], P, np.array(Y)) == pytest.approx([share])


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy"])
def test_what_cannot_be_is_infinite_and_what_has_no_target_costs_nothing(name):
    P, right, wrong = np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]])
    assert compiled([(name, False)], P, right) == [0.0]
    assert compiled([(name, False)], P, wrong) == [np.inf]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_random_rows_have_the_compiled_means_of_the_reference(dtype):
    rng = np.random.default_rng(1)
    P, Y = rng.uniform(0.01, 0.99, (1100, 7)).astype(dtype), np.eye(7)[rng.integers(0, 7, 1100)].astype(dtype)
    names = [(name, False) for name in METRICS]
    expected = [METRICS[name](P.astype(float), Y.astype(float)).mean() for name in METRICS]
    assert compiled(names, P, Y) == pytest.approx(expected, rel=2e-6 if dtype is np.float32 else 1e-13)


def test_an_order_of_both_kernels():
    accuracies = ["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"]
    errors = ["mean_squared_error", "mean_absolute_error", "binary_crossentropy", "categorical_crossentropy"]
    assert list(METRICS) == [*accuracies, *errors]
    if _kernels.core == "native":
        P, Y = np.array(PROBABILITIES), np.array(TARGETS, float)
        found = compiled([(name, False) for name in METRICS], P, Y)
        assert found == pytest.approx([np.mean(BY_HAND[name]) for name in METRICS], rel=1e-15)
