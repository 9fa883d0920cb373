"""Shapes of the parameters, the reference class, and the contrasts."""

import numpy as np
import pytest

from multilogit._objective.layout import Layout


def layout(D=3, K=4, R=1, fit_intercept=True):
    return Layout(D, K, np.ones((R, K), bool), fit_intercept)


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ({"K": 2}, (4, 1, 1)),
        ({"K": 2, "R": 2, "fit_intercept": False}, (3, 2, 1)),
        ({"K": 3}, (4, 1, 3)),
        ({"K": 5, "R": 2}, (4, 2, 5)),
        ({"D": 0, "K": 3}, (1, 1, 3)),
    ],
)
def test_shapes(arguments, shape):
    assert layout(**arguments).shape == shape
    assert layout(**arguments).zeros().shape == shape
    assert not layout(**arguments).zeros().any()


def test_weights_are_a_view_and_the_intercept_is_the_last_row():
    theta = np.arange(16.0).reshape(4, 1, 4)
    assert np.shares_memory(layout().weights(theta), theta)
    np.testing.assert_array_equal(layout().weights(theta), theta[:3])
    np.testing.assert_array_equal(layout().intercept(theta), theta[3])
    np.testing.assert_array_equal(layout(fit_intercept=False).intercept(theta[:3]), np.zeros((1, 4)))


@pytest.mark.parametrize("K", [2, 3])
def test_free_is_the_transpose_of_with_reference(K):
    rng = np.random.default_rng(0)
    free, residual = rng.normal(size=(5, 1, layout(K=K).free_rows)), rng.normal(size=(5, 1, K))
    left = (layout(K=K).with_reference(free) * residual).sum()
    np.testing.assert_allclose(left, (free * layout(K=K).free(residual)).sum(), rtol=1e-14)


def test_two_classes_have_logits_zero_and_z():
    np.testing.assert_array_equal(layout(K=2).with_reference(np.array([[[7.0]]])), [[[0.0, 7.0]]])


@pytest.mark.parametrize("mask", [[1, 1, 1, 1], [1, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 0]])
def test_contrasts_are_an_orthonormal_basis_of_zero_sums_over_the_classes_in_play(mask):
    mask = np.array(mask, bool)
    E = Layout(2, 4, mask[None]).contrasts[0]
    assert E.shape == (4, mask.sum() - 1)
    np.testing.assert_allclose(E.T @ E, np.eye(mask.sum() - 1), atol=1e-15)
    np.testing.assert_allclose(E.sum(axis=0), 0.0, atol=1e-15)
    assert not E[~mask].any()


def test_each_problem_has_its_own_contrasts():
    stacked = Layout(1, 3, np.array([[True, True, True], [True, False, True]]))
    assert [E.shape for E in stacked.contrasts] == [(3, 2), (3, 1)]
    assert [E.tolist() for E in layout(K=2, R=2).contrasts] == [[[1.0]], [[1.0]]]


def test_class_mean_is_what_moves_the_classes_to_a_zero_sum():
    mask = np.array([[True] * 4, [True, False, True, True]])
    both = Layout(3, 4, mask)
    theta = np.random.default_rng(0).normal(size=both.shape) * mask
    corrected = theta - both.class_mean(theta)
    np.testing.assert_allclose(corrected.sum(axis=2), 0.0, atol=1e-15)
    assert not corrected[:, 1, 1].any()
    assert not layout(K=2).class_mean(np.ones((4, 1, 1))).any()


def test_class_mean_sees_below_one_rounding():
    theta = np.array([[[1e16, 1.0, -1e16, -0.25]]])
    np.testing.assert_array_equal(layout(D=0).class_mean(theta), np.full((1, 1, 4), 0.1875))
