"""Order and dropout of mini-batches: what they are, and that the compiled training draws the same."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objective.small_networks import network_of

from multilogit import _kernels
from multilogit._objective.batches import masks_of, order_of
from multilogit._objective.examples import Examples
from multilogit._objective.network_native import open_network, open_training

needs_native = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")
SEEDS = [0, 1, 2**63, 2**64 - 1]


@given(n=st.integers(1, 200), seed=st.integers(0, 2**64 - 1), epoch=st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_the_order_of_an_epoch_has_every_row_once(n, seed, epoch):
    assert sorted(order_of(n, seed, epoch)) == list(range(n))


def test_epochs_have_orders_of_their_own():
    assert len({order_of(20, 1, epoch).tobytes() for epoch in range(50)}) == 50


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_masks_keep_a_share_of_the_numbers_and_their_mean(rate):
    network = network_of(50, rate, 3)
    dropped, none = masks_of(network, 400, 7, 0, np.float64)
    assert none is None
    assert dropped.shape == (400, 50)
    assert set(np.unique(dropped)) <= {0.0, 1 / (1 - rate)}
    error = math.sqrt(rate / (1 - rate) / dropped.size)
    assert abs(dropped.mean() - 1) <= 5 * error
    assert np.all(np.abs(dropped.mean(axis=0) - 1) <= 5 * error * math.sqrt(50))


def test_masks_differ_from_step_to_step_and_from_layer_to_layer():
    network = network_of(30, 0.5, 30, 0.5, 2)
    found = {
        mask.tobytes() for step in range(20) for mask in masks_of(network, 4, 1, step, np.float32) if mask is not None
    }
    assert len(found) == 40


def test_masks_have_the_type_asked_for():
    assert masks_of(network_of(3, 0.5), 2, 1, 0, np.float32)[0].dtype == np.float32


def still_training(network, theta, examples, **choices):
    """Return a compiled training whose rule moves nothing."""
    rule = 1, False, False, 0.0, 0.0, 0.0, 0.0, 0.0
    arguments = {"shuffle": False, "measures": (), "first_epoch": 0, "iterations": 0, "rule": rule} | choices
    return open_training(open_network(network, theta), examples, **arguments)


def losses(training, epochs, batches):
    """Return the loss of each batch of some epochs, from the mean so far."""
    found = []
    for epoch in range(epochs):
        sums = [0.0]
        for batch in range(batches):
            training.run(epoch + 1, 1, 1e9, 1)
            sums.append(training.means()[0] * (batch + 1))
        found.extend(np.diff(sums))
    return np.array(found)


@needs_native
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [2, 3, 16, 45])
def test_the_compiled_training_takes_the_rows_in_this_order(n, seed):
    """The squared error of an output of zero tells the row, whose target is the root of its number."""
    examples = Examples(np.zeros((n, 1)), np.sqrt(np.arange(n))[:, None])
    training = still_training(
        network_of(1, 1), np.zeros(2), examples, batch_size=1, shuffle=True, seed=seed, first_epoch=5
    )
    rows = losses(training, 3, n)
    np.testing.assert_allclose(rows, np.round(rows), atol=1e-9)
    np.testing.assert_array_equal(np.round(rows), np.concatenate([order_of(n, seed, 5 + epoch) for epoch in range(3)]))


@needs_native
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rate", [0.25, 0.5, 0.9])
def test_the_compiled_training_drops_the_same_numbers(rate, seed):
    """A row of ones, through dropout and weights 1, 2, 4, ...: the output tells which ones were kept."""
    network = network_of(18, rate, "linear", 1)
    theta = np.concatenate([2.0 ** np.arange(18), [0.0]])
    examples = Examples(np.ones((1, 18)), np.zeros((1, 1)))
    outputs = np.sqrt(losses(still_training(network, theta, examples, batch_size=1, seed=seed, iterations=11), 12, 1))
    masks = [masks_of(network, 1, seed, 11 + step, np.float64)[0] for step in range(12)]
    np.testing.assert_allclose(outputs, np.concatenate(masks) @ theta[:-1], rtol=1e-14)


@needs_native
def test_the_compiled_training_drops_the_same_numbers_of_several_rows():
    """Three rows a batch, each with weights of its own among the powers of two."""
    network = network_of(12, 0.5, 1)
    rows = np.kron(np.eye(3), np.ones(4))
    theta = np.concatenate([np.tile(2.0 ** np.arange(4), 3), [0.0]])
    training = still_training(network, theta, Examples(rows, np.zeros((3, 1))), batch_size=3, seed=4)
    expected = [((masks_of(network, 3, 4, step, np.float64)[0] * rows @ theta[:-1]) ** 2).mean() for step in range(8)]
    np.testing.assert_allclose(losses(training, 8, 1), expected, rtol=1e-12)
