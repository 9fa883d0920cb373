"""A network by the reference: shapes, passes by hand, gradients by differences, one home for softmax regression."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objective.small_networks import ENDINGS, examples_of, network_of, theta_of

from multilogit._kernels.activations import ACTIVATIONS
from multilogit._objective.examples import Examples
from multilogit._objective.network import Activate, Dense, Drop, Network
from multilogit.functional import gradient_check, linear_cross_entropy_gradient

SMOOTH = ["linear", "sigmoid", "tanh", "softmax"]
XOR = network_of(2, 2, "sigmoid", 1, "sigmoid")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gradient_of(network, theta, examples, masks=()):
    return network.evaluate(theta, examples, masks)[1]


def check_of(network, theta, examples, masks=()):
    """Compare the gradient with differences of the value."""
    return gradient_check(
        lambda point: network.evaluate(point, examples, masks)[0], theta, gradient_of(network, theta, examples, masks)
    )


def test_the_networks_of_the_articles_have_9_and_40_parameters():
    assert (XOR.n_parameters, XOR.sizes, XOR.widths) == (9, (6, 0, 3, 0), (2, 2, 2, 1, 1))
    assert network_of(4, 4, "sigmoid", 4, "sigmoid").n_parameters == 40


def test_layers_without_bias_and_operations_without_weights_have_fewer():
    network = Network(3, (Drop(0.5), Dense(5, bias=False), Activate("tanh"), Dense(2)))
    assert network.sizes == (0, 15, 0, 12)
    assert network.widths == (3, 3, 5, 5, 2)
    assert Network(3, ()).n_parameters == 0


def test_weights_are_views_in_the_order_of_theta():
    network = Network(3, (Dense(2, bias=False), Activate("relu"), Dense(1)))
    theta = np.arange(9.0)
    (W, b), (none, _), (V, c) = network.weights(theta)
    np.testing.assert_array_equal(W, [[0, 1], [2, 3], [4, 5]])
    assert b is None
    assert none.size == 0
    np.testing.assert_array_equal(V, [[6], [7]])
    np.testing.assert_array_equal(c, [8])
    W[2, 1] = 50
    assert theta[5] == 50


def test_a_pass_forward_by_hand():
    theta = np.array([1.0, -1.0, 2.0, 0.0, 0.5, 0.0, 3.0, -2.0, 1.0])
    network = network_of(2, 2, "relu", 1)
    values = network.forward(theta, np.array([[1.0, 2.0], [-4.0, 1.0]]))
    expected = [[[1, 2], [-4, 1]], [[5.5, -1], [-1.5, 4]], [[5.5, 0], [0, 4]], [[17.5], [-7]]]
    for found, rows in zip(values, expected, strict=True):
        np.testing.assert_array_equal(found, rows)
    np.testing.assert_array_equal(network.outputs(theta, np.array([[1.0, 2.0]])), [[17.5]])


def test_backpropagation_through_the_network_of_the_article_written_out():
    """Squared error of two sigmoid layers, each derivative as the article derives it."""
    theta, examples = theta_of(XOR), Examples(np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[1.0], [0.0]]))
    W, b, V, c = theta[:4].reshape(2, 2), theta[4:6], theta[6:8].reshape(2, 1), theta[8:]
    value, gradient = 0.0, np.zeros(9)
    for x, y in zip(examples.X, examples.Y, strict=True):
        h = sigmoid(x @ W + b)
        p = sigmoid(h @ V + c)
        value += float((p[0] - y[0]) ** 2)
        d = 2 * (p - y) * p * (1 - p)
        e = (V[:, 0] * d[0]) * h * (1 - h)
        gradient += np.concatenate([np.outer(x, e).ravel(), e, h * d[0], d])
    found, G, P = XOR.evaluate(theta, examples)
    assert found == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(G, gradient, rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(P, XOR.outputs(theta, examples.X), rtol=0)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", SMOOTH)
def test_the_gradient_of_every_activation_and_loss_by_differences(name, ending, bias):
    network = network_of(2, 3, name, 2, ending=ending, bias=bias)
    theta, examples = theta_of(network, seed=2), examples_of(network, 4, weighted=True)
    assert check_of(network, theta, examples).relative_error < 1e-7


@pytest.mark.parametrize("ending", ["squared error", "softmax", "logistic"])
def test_the_gradient_of_relu_by_differences(ending):
    """At parameters where no number is so near zero that a difference would cross it."""
    network = network_of(3, 4, "relu", 3, ending=ending)
    theta, examples = theta_of(network, seed=3), examples_of(network, 5)
    assert np.abs(network.forward(theta, examples.X)[1]).min() > 0.02
    assert check_of(network, theta, examples).relative_error < 1e-7


@pytest.mark.parametrize("ending", ["softmax", "categorical"])
def test_the_gradient_for_labels_is_that_for_one_hot_rows(ending):
    network = network_of(2, 3, "tanh", 3, ending=ending)
    theta, examples = theta_of(network), examples_of(network, 6, labels=True)
    one_hot = Examples(examples.X, np.eye(3)[examples.labels.astype(int)])
    np.testing.assert_array_equal(gradient_of(network, theta, examples), gradient_of(network, theta, one_hot))
    assert check_of(network, theta, examples).relative_error < 1e-7


@pytest.mark.parametrize("words", [("tanh", 4, 2), (4, "sigmoid", "tanh", 2), (0.5, 3, 0.25, "sigmoid", 2, "tanh")])
def test_the_gradient_of_unusual_orders_by_differences(words):
    """An activation on the rows themselves, one after another, dropout with given masks in between."""
    network = network_of(3, *words)
    theta, examples = theta_of(network), examples_of(network, 5)
    rng = np.random.default_rng(4)
    widths = zip(network.operations, network.widths[1:], strict=True)
    masks = [rng.integers(0, 2, (5, width)) * 2.0 if isinstance(each, Drop) else None for each, width in widths]
    assert check_of(network, theta, examples, masks).relative_error < 1e-7


def test_without_masks_nothing_is_dropped():
    plain, dropping = network_of(3, 4, "tanh", 2), network_of(3, 4, "tanh", 0.5, 2)
    theta, examples = theta_of(plain), examples_of(plain, 4)
    np.testing.assert_array_equal(gradient_of(dropping, theta, examples), gradient_of(plain, theta, examples))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", SMOOTH)
def test_the_jacobian_of_the_outputs_by_differences(name, ending):
    network = network_of(4, 3, name, 2, ending=ending)
    theta, X = theta_of(network), np.random.default_rng(5).normal(size=(2, 4))
    found = network.jacobian(theta, X)
    assert found.shape == (2, 2, 4)
    for row, jacobian in zip(X, found, strict=True):
        assert gradient_check(lambda x: network.outputs(theta, x[None])[0], row, jacobian).relative_error < 1e-7


def test_back_ends_with_the_derivative_with_respect_to_the_rows():
    network = network_of(3, 4, "tanh", 2)
    theta, examples = theta_of(network), examples_of(network, 4)
    values = network.forward(theta, examples.X)
    steps = list(network.back(theta, values, network.loss(values[-1], examples)[1]))
    assert [j for j, _ in steps] == [2, 1, 0, -1]
    check = gradient_check(lambda X: network.evaluate(theta, Examples(X, examples.Y))[0], examples.X, steps[-1][1])
    assert check.relative_error < 1e-7


@pytest.mark.parametrize(
    ("fused", "apart", "last"), [("softmax", "categorical", "softmax"), ("logistic", "binary", "sigmoid")]
)
def test_a_fused_ending_is_the_same_objective(fused, apart, last):
    one, two = network_of(3, 4, "tanh", 3, ending=fused), network_of(3, 4, "tanh", 3, ending=apart)
    theta, examples = theta_of(one), examples_of(one, 7, weighted=True)
    (value, G, P), (value_apart, G_apart, P_apart) = (each.evaluate(theta, examples) for each in (one, two))
    assert value == pytest.approx(value_apart, rel=1e-13)
    np.testing.assert_allclose(G, G_apart, rtol=1e-11, atol=1e-14)
    np.testing.assert_array_equal(P, P_apart)
    assert ACTIVATIONS[last].value(one.forward(theta, examples.X)[-1]).tobytes() == P.tobytes()


@pytest.mark.parametrize("ending", [name for name in ENDINGS if name != "squared error"])
def test_smoothing_is_another_target(ending):
    """y (1 - s) + s / K, or towards a half where each output is a class of its own."""
    towards = 1 / 2 if "logistic" in ending or ending == "binary" else 1 / 3
    plain, smooth = (network_of(3, 4, "tanh", 3, ending=ending, smoothing=share) for share in (0.0, 0.3))
    theta, rows = theta_of(plain), examples_of(plain, 6, weighted=True)
    other = Examples(rows.X, 0.7 * rows.Y + 0.3 * towards, None, rows.weight)
    (value, G, P), (value_other, G_other, P_other) = smooth.evaluate(theta, rows), plain.evaluate(theta, other)
    assert value == pytest.approx(value_other, rel=1e-14)
    np.testing.assert_allclose(G, G_other, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(P, P_other)
    assert check_of(smooth, theta, rows).relative_error < 1e-7


def test_kept_logits_are_the_outputs():
    network = network_of(3, 2, ending="softmax of logits")
    theta, X = theta_of(network), np.ones((2, 3))
    np.testing.assert_array_equal(network.outputs(theta, X), network.forward(theta, X)[-1])


def test_one_dense_layer_is_softmax_regression():
    """The value and the gradient of `functional`, which has the only other home of this loss."""
    network = network_of(4, 3, ending="softmax")
    theta, examples = theta_of(network), examples_of(network, 9, labels=True, weighted=True)
    W, b = next(network.weights(theta))
    y = examples.labels.astype(int)
    theirs, dW, db = linear_cross_entropy_gradient(y, examples.X, W, b, sample_weight=examples.weight)
    value, G, _ = network.evaluate(theta, examples)
    assert value == pytest.approx(theirs, rel=1e-14)
    np.testing.assert_allclose(G, np.concatenate([dW.ravel(), db]), rtol=1e-13, atol=1e-15)


@given(
    seed=st.integers(0, 100),
    ending=st.sampled_from(list(ENDINGS)),
    counts=st.lists(st.integers(0, 4), min_size=1, max_size=6).filter(any),
)
@settings(max_examples=60, deadline=None)
def test_a_weight_of_n_counts_as_n_copies(seed, ending, counts):
    network = network_of(2, 3, "tanh", 3, ending=ending)
    theta, once = theta_of(network, seed=seed), examples_of(network, len(counts), seed=seed)
    weighed = Examples(once.X, once.Y, None, np.array(counts, dtype=float))
    copies = Examples(np.repeat(once.X, counts, axis=0), np.repeat(once.Y, counts, axis=0))
    (value, G, _), (value_copies, G_copies, _) = (network.evaluate(theta, each) for each in (weighed, copies))
    assert value == pytest.approx(value_copies, rel=1e-12, abs=1e-14)
    np.testing.assert_allclose(G, G_copies, rtol=1e-11, atol=1e-12)


@given(within=st.sets(st.integers(1, 11), max_size=4))
@settings(max_examples=30, deadline=None)
def test_the_objective_adds_over_blocks_of_rows(within):
    network = network_of(2, 3, "sigmoid", 2, ending="softmax")
    theta, examples = theta_of(network), examples_of(network, 12, weighted=True)
    parts = [network.evaluate(theta, examples.part(a, b)) for a, b in pairwise([0, *sorted(within), 12])]
    value, G, P = network.evaluate(theta, examples)
    assert math.fsum(part[0] for part in parts) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(sum(part[1] for part in parts), G, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(np.vstack([part[2] for part in parts]), P, rtol=1e-14)


@pytest.mark.parametrize("ending", ["binary", "categorical"])
def test_a_row_without_weight_counts_for_nothing_even_where_its_loss_is_infinite(ending):
    """Its first output is zero to the last bit, and should be one."""
    network = Network(2, (Dense(2), Activate("sigmoid")), ENDINGS[ending][0])
    theta, weight = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), np.array([0.0, 1.0])
    examples = Examples(np.array([[-800.0, 0.0], [0.5, -0.5]]), np.array([[1.0, 0.0], [1.0, 0.0]]), None, weight)
    value, G, _ = network.evaluate(theta, examples)
    alone, G_alone, _ = network.evaluate(theta, examples.part(1, 2))
    assert value == alone
    np.testing.assert_array_equal(G, G_alone)


def test_the_type_of_the_parameters_is_kept():
    network = network_of(3, 4, "tanh", 2, ending="softmax")
    theta, examples = theta_of(network, np.float32), examples_of(network, 5, np.float32, weighted=True)
    _, G, P = network.evaluate(theta, examples)
    assert G.dtype == P.dtype == network.jacobian(theta, examples.X).dtype == np.float32
