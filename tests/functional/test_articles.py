"""Every number that the articles this project grew from print.

"The Softmax function derivative" in three parts, with a comment by a reader, and "How to implement a neural
network, intermezzo 2" by P. Roelants.
"""

import numpy as np
import pytest

from multilogit.functional import (
    cross_entropy,
    cross_entropy_gradient,
    cross_entropy_with_logits,
    cross_entropy_with_logits_gradient,
    linear_cross_entropy,
    linear_cross_entropy_gradient,
    linear_logits,
    linear_softmax_jacobian,
    log_softmax,
    logistic,
    logsumexp,
    one_hot,
    softmax,
    softmax_jacobian,
    softmax_vjp,
)

ULP = np.finfo(np.float64).eps

# Part 1: the softmax output, printed to 17 digits but for its last entry, which makes the sum 1.
S = np.array([0.16205870737014744, 0.1530827392322831, 0.22661095862407418, 0.226342511074585, 0.23190508369891027])
S_PRINTED = [0.16205871, 0.15308274, 0.22661096, 0.22634251, 0.23190508]
JACOBIAN = [
    [0.13579568, -0.02480839, -0.03672428, -0.03668077, -0.03758224],
    [-0.02480839, 0.12964841, -0.03469023, -0.03464913, -0.03550067],
    [-0.03672428, -0.03469023, 0.17525843, -0.05129169, -0.05255223],
    [-0.03668077, -0.03464913, -0.05129169, 0.17511158, -0.05248998],
    [-0.03758224, -0.03550067, -0.05255223, -0.05248998, 0.17812512],
]

# Part 3: the weights that the article does not print, recovered from what it prints.
x = np.array([0.1, 0.5, 0.4])
W = np.array([[0.1, 0.2, 0.3, 0.4, 0.5], [0.6, 0.7, 0.8, 0.9, 0.1], [0.11, 0.12, 0.13, 0.14, 0.15]])
THIRD = 2
PRINTED_GRADIENT = [
    [0.01909135, 0.09545676, 0.07636541, 0.02035314, 0.10176572],
    [0.08141258, -0.07830167, -0.39150833, -0.31320667, 0.02313243],
    [0.11566214, 0.09252971, 0.01572474, 0.07862371, 0.06289897],
]


def assert_printed(computed, printed, decimals=8):
    np.testing.assert_allclose(computed, printed, rtol=0, atol=0.5 * 10.0**-decimals * (1 + 1e-6))


def test_the_first_array_called_a_softmax_output_is_none():
    array = np.array([0.97337094, 0.85251098, 0.62495691, 0.63957056, 0.6969253])
    assert array.sum() == pytest.approx(3.78733469, abs=1e-8)
    assert abs(softmax(np.log(array)) - array).min() > 0.4
    with pytest.raises(ValueError, match=r"must sum to 1 in each row. Got 3.78733 in the only row"):
        cross_entropy(0, array)


def test_softmax_output_and_its_sum():
    P = softmax(np.log(S))
    np.testing.assert_allclose(P, S, rtol=4 * ULP)
    assert_printed(P, S_PRINTED)
    assert P.sum() == pytest.approx(1.0, abs=ULP)


@pytest.mark.parametrize(
    ("i", "j", "printed"),
    [
        (0, 0, 0.13579568273566436),
        (1, 1, 0.12964841418142392),
        (2, 2, 0.1752584320555523),
        (0, 1, -0.024808390840665155),
        (1, 2, -0.034690226286226845),
        (2, 3, -0.051291693411991836),
    ],
)
def test_single_derivatives_to_seventeen_digits(i, j, printed):
    """One ulp of each factor: the article rounds 1 - S, and the logits round S."""
    np.testing.assert_allclose(softmax_jacobian(np.log(S))[i, j], printed, rtol=4 * ULP)


def test_jacobian():
    assert_printed(softmax_jacobian(np.log(S)), JACOBIAN)


def test_tiled_matrices_are_the_outer_product():
    tiled = np.tile(S.reshape(5, 1), 5)
    assert_printed(tiled, np.transpose([S_PRINTED] * 5))
    assert_printed(tiled.T, [S_PRINTED] * 5)
    assert_printed(np.diag(S), np.diag(S_PRINTED))
    np.testing.assert_allclose(np.diag(S) - tiled * tiled.T, softmax_jacobian(np.log(S)), rtol=0, atol=ULP)


def test_the_readers_example():
    """The reader expected the outer product; the tiled matrix times its transpose is just that."""
    numbers = np.arange(1, 6)
    tiled = np.tile(numbers.reshape(5, 1), 5)
    np.testing.assert_array_equal(
        tiled, [[1, 1, 1, 1, 1], [2, 2, 2, 2, 2], [3, 3, 3, 3, 3], [4, 4, 4, 4, 4], [5, 5, 5, 5, 5]]
    )
    expected = [[1, 2, 3, 4, 5], [2, 4, 6, 8, 10], [3, 6, 9, 12, 15], [4, 8, 12, 16, 20], [5, 10, 15, 20, 25]]
    np.testing.assert_array_equal(tiled * tiled.T, expected)
    np.testing.assert_array_equal(tiled * tiled.T, np.outer(numbers, numbers))
    P = softmax(numbers)
    np.testing.assert_allclose(softmax_jacobian(numbers), np.diag(P) - np.outer(P, P), rtol=1e-13, atol=ULP / 4)


def test_loss_article_softmax_and_loss():
    Z = linear_logits(x, W)
    P = softmax(Z)
    assert_printed(P, [0.19091352, 0.20353145, 0.21698333, 0.23132428, 0.15724743])
    np.testing.assert_array_equal(one_hot(THIRD, 5), [0, 0, 1, 0, 0])
    printed = 1.5279347484961026
    assert cross_entropy(THIRD, P) == cross_entropy(one_hot(THIRD, 5), P) == printed
    assert cross_entropy_with_logits(THIRD, Z) == printed
    assert linear_cross_entropy(THIRD, x, W) == printed
    assert linear_cross_entropy_gradient(THIRD, x, W)[0] == printed


def test_loss_article_gradient_in_the_probabilities():
    gradient = cross_entropy_gradient(THIRD, softmax(linear_logits(x, W)))
    np.testing.assert_array_equal(gradient, [0.0, 0.0, -4.608648967766781, 0.0, 0.0])
    assert_printed(gradient, [-0.0, -0.0, -4.60864, -0.0, -0.0], decimals=4)


def test_loss_article_weight_gradient_is_class_major():
    """The article reshapes a list in class order to (3, 5), the shape of W but not its layout."""
    dW = linear_cross_entropy_gradient(THIRD, x, W)[1]
    assert dW.shape == W.shape
    assert_printed(dW.T.ravel().reshape(3, 5), PRINTED_GRADIENT)
    assert abs(dW - PRINTED_GRADIENT).max() > 0.3
    assert_printed(dW, np.ravel(PRINTED_GRADIENT).reshape(5, 3).T)


def test_long_form_equals_shortcut():
    """Gradient of the loss, times softmax Jacobian, times layer Jacobian: X'(P - Y) multiplied out."""
    P, Y = softmax(linear_logits(x, W)), one_hot(THIRD, 5)
    layer = np.einsum("d,kl->kdl", x, np.eye(5))  # dz_k / dW_dl
    long_form = np.tensordot(cross_entropy_gradient(Y, P) @ softmax_jacobian(linear_logits(x, W)), layer, 1)
    by_layer = np.tensordot(cross_entropy_gradient(Y, P), linear_softmax_jacobian(x, W), 1)
    shortcut = np.outer(x, P - Y)
    for gradient in (by_layer, shortcut, linear_cross_entropy_gradient(THIRD, x, W)[1]):
        np.testing.assert_allclose(gradient, long_form, rtol=0, atol=1e-15)


def test_residual_by_the_chain_rule():
    Z = linear_logits(x, W)
    residual = cross_entropy_with_logits_gradient(THIRD, Z)
    np.testing.assert_allclose(residual, softmax(Z) - one_hot(THIRD, 5), rtol=0, atol=ULP)
    by_chain_rule = softmax_vjp(Z, cross_entropy_gradient(THIRD, softmax(Z)))
    np.testing.assert_allclose(by_chain_rule, residual, rtol=0, atol=4 * ULP)


def test_two_classes_are_the_logistic_function():
    t = np.linspace(-800, 800, 401)
    P = softmax(np.stack([np.zeros_like(t), t], axis=1))
    np.testing.assert_array_equal(P[:, 1], logistic(t))
    np.testing.assert_array_equal(P[:, 0], logistic(-t))
    loss = cross_entropy_with_logits(np.ones(401, int), np.stack([np.zeros_like(t), t], axis=1), reduction="none")
    np.testing.assert_allclose(loss, np.logaddexp(0, -t), rtol=4 * ULP)


def test_batch_sum_is_the_sum_of_the_rows():
    rng = np.random.default_rng(0)
    Z, labels = rng.standard_normal((20, 4)), rng.integers(0, 4, 20)
    rows = [cross_entropy_with_logits(label, z) for label, z in zip(labels, Z, strict=True)]
    np.testing.assert_array_equal(cross_entropy_with_logits(labels, Z, reduction="none"), rows)
    assert cross_entropy_with_logits(labels, Z) == pytest.approx(sum(rows), rel=1e-15)
    assert cross_entropy(labels, softmax(Z)) == pytest.approx(sum(rows), rel=1e-14)


def test_negative_log_likelihood_is_the_cross_entropy():
    rng = np.random.default_rng(1)
    Z, labels = rng.standard_normal((20, 4)), rng.integers(0, 4, 20)
    likelihood = np.prod(softmax(Z)[np.arange(20), labels])
    assert cross_entropy_with_logits(labels, Z) == pytest.approx(-np.log(likelihood), rel=1e-14)
    by_definition = sum(logsumexp(z) - z[label] for z, label in zip(Z, labels, strict=True))
    assert cross_entropy_with_logits(labels, Z) == pytest.approx(by_definition, rel=1e-14)
    np.testing.assert_allclose(log_softmax(Z), Z - logsumexp(Z)[:, None], rtol=1e-14, atol=1e-15)
