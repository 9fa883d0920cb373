"""Cross-entropy of given probabilities."""

import numpy as np
import pytest

from multilogit.errors import InputError
from multilogit.functional import cross_entropy, cross_entropy_gradient, gradient_check

S = np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]])


def test_zero_times_log_zero_is_zero():
    assert cross_entropy([2, 1], S) == np.log(2.0)
    np.testing.assert_array_equal(cross_entropy_gradient([2, 1], S), [[0.0, 0.0, -2.0], [0.0, -1.0, 0.0]])


def test_a_class_that_occurs_with_probability_zero_costs_infinity():
    assert cross_entropy([2, 0], S) == np.inf
    np.testing.assert_array_equal(cross_entropy_gradient([2, 0], S)[1], [-np.inf, 0.0, 0.0])
    assert cross_entropy_gradient(0, [1e-320, 1.0])[0] == -np.inf  # beyond the largest float, as 0 would be


def test_formula_for_distributions():
    Y = np.array([[0.1, 0.6, 0.3], [0.25, 0.25, 0.5]])
    P = np.array([[0.2, 0.3, 0.5], [0.5, 0.3, 0.2]])
    assert cross_entropy(Y, P) == pytest.approx(-(Y * np.log(P)).sum(), rel=1e-15)
    np.testing.assert_allclose(cross_entropy_gradient(Y, P), -Y / P, rtol=1e-15)


@pytest.mark.parametrize("targets", [[0, 2], [[0.2, 0.5, 0.3], [0.0, 0.4, 0.6]]])
def test_gradient_against_finite_differences(targets):
    P = np.array([[0.2, 0.3, 0.5], [0.5, 0.3, 0.2]])
    check = gradient_check(lambda P: cross_entropy(targets, P), P, cross_entropy_gradient(targets, P))
    assert check.relative_error < 1e-8


def test_shapes_and_types():
    assert cross_entropy([0, 1], S.astype(np.float32)).dtype == np.float32
    assert cross_entropy_gradient([0, 1], S.astype(np.float32)).dtype == np.float32
    assert cross_entropy([0, 1], [[1, 0], [0, 1]]) == 0.0
    assert not np.signbit(cross_entropy([0, 1], [[1, 0], [0, 1]]))
    assert cross_entropy(np.zeros((2, 3), int), np.full((2, 3, 4), 0.25)) == pytest.approx(6 * np.log(4.0))
    assert cross_entropy(np.zeros(0, int), np.zeros((0, 3))) == 0.0
    assert cross_entropy_gradient(np.zeros(0, int), np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize(
    ("P", "sentence"),
    [
        ([[0.5, 0.5], [1.5, -0.5]], "not be negative. Got -0.5 in row 1, column 1. For logits use"),
        ([[0.5, np.nan], [1.0, 0.0]], "Got nan in row 0, column 1"),
        ([[0.5, 0.5], [0.5, 0.6]], "sum to 1 in each row. Got 1.1 in row 1"),
        ([[np.inf, 0.5], [1.0, 0.0]], "Got inf in row 0"),
        ([[0.0, 0.0], [1.0, 0.0]], "Got 0 in row 0"),
    ],
)
@pytest.mark.parametrize("function", [cross_entropy, cross_entropy_gradient])
def test_refused_probabilities(function, P, sentence):
    with pytest.raises(InputError, match=sentence):
        function([0, 0], P)
