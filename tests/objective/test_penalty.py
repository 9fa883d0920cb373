"""The L2 penalty: hand values, derivative, prox and conjugate by their definitions."""

import numpy as np
from scipy import optimize

from multilogit._objective.penalty import L2

STRENGTH = np.array([[1.0, 0.5], [4.0, 2.0]])
W = np.arange(12.0).reshape(2, 2, 3) / 3 - 1.5


def test_hand_values():
    penalty = L2(np.array([[1.0], [4.0]]))
    weights = np.array([[[1.0, -2.0]], [[3.0, 0.5]]])
    np.testing.assert_array_equal(penalty.value(weights), [0.5 * 5 + 2 * 9.25])
    np.testing.assert_array_equal(penalty.gradient(weights), [[[1.0, -2.0]], [[12.0, 2.0]]])
    np.testing.assert_array_equal(penalty.conjugate(weights), [0.5 * 5 + 9.25 / 8])
    np.testing.assert_array_equal(penalty.prox(weights, 0.5), [[[1 / 1.5, -2 / 1.5]], [[1.0, 0.5 / 3]]])


def test_gradient_is_the_derivative():
    penalty, V, h = L2(STRENGTH), np.cos(W), 1e-6
    slope = (penalty.value(W + h * V) - penalty.value(W - h * V)) / (2 * h)
    np.testing.assert_allclose(slope, np.einsum("drk,drk->r", penalty.gradient(W), V), rtol=1e-8)


def test_prox_minimises():
    penalty, step = L2(STRENGTH[:, :1]), 0.7

    def total(v):
        V = v.reshape(2, 1, 3)
        return penalty.value(V)[0] + ((V - W[:, :1]) ** 2).sum() / (2 * step)

    found = optimize.minimize(total, np.zeros(6), tol=1e-12).x.reshape(2, 1, 3)
    np.testing.assert_allclose(penalty.prox(W[:, :1], step), found, atol=1e-6)


def test_conjugate_is_the_supremum():
    """Fenchel: penalty(W) + conjugate(G) >= <G, W>, with equality at G = gradient(W)."""
    penalty, rng = L2(STRENGTH), np.random.default_rng(0)
    for _ in range(20):
        G = rng.normal(size=W.shape)
        assert (penalty.value(W) + penalty.conjugate(G) >= np.einsum("drk,drk->r", G, W)).all()
    G = penalty.gradient(W)
    np.testing.assert_allclose(penalty.value(W) + penalty.conjugate(G), np.einsum("drk,drk->r", G, W), rtol=1e-14)


def test_conjugate_without_a_penalty():
    """A free weight has a finite conjugate only where its gradient is zero."""
    penalty = L2(np.array([[0.0, 0.0], [1.0, 1.0]]))
    G = np.zeros((2, 2, 1))
    G[0, 1] = 1e-100
    G[1] = 2.0
    np.testing.assert_array_equal(penalty.conjugate(G), [2.0, np.inf])
    assert penalty.unpenalised
    assert not L2(STRENGTH).unpenalised
