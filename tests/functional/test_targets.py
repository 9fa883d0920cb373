"""Labels, one-hot rows and distributions, through one_hot and the losses."""

import numpy as np
import pandas as pd
import pytest

from multilogit.errors import InputError
from multilogit.functional import cross_entropy, cross_entropy_with_logits, one_hot

Z = np.array([[0.1, 0.2, 0.3], [1.0, -1.0, 0.0]])


def test_one_hot():
    Y = one_hot([[2, 0], [1, 1]], 3)
    assert Y.dtype == np.float64
    np.testing.assert_array_equal(Y, [[[0, 0, 1], [1, 0, 0]], [[0, 1, 0], [0, 1, 0]]])
    np.testing.assert_array_equal(one_hot(1, 2), [0, 1])
    np.testing.assert_array_equal(one_hot([True, False], 2), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(one_hot(np.array([200], np.uint8), 201)[0, 200], 1)
    assert one_hot([], 3).shape == (0, 3)
    assert one_hot(np.zeros((0, 2), int), 3).shape == (0, 2, 3)


@pytest.mark.parametrize(
    ("labels", "K", "error", "sentence"),
    [
        ([0, 3], 3, InputError, r"between 0 and 2, for 3 classes. Got 3 in row 1. Count the classes from 0."),
        ([[0, 0], [0, -1]], 3, InputError, r"Got -1 in row \(1, 1\)"),
        (5, 3, InputError, "Got 5 in the only row"),
        ([True], 1, InputError, "Got 1 in row 0"),
        ([0.0, 1.0], 3, TypeError, r"integer labels .* Got dtype float64. Convert whole numbers"),
        (["a"], 3, TypeError, "encode|names with numpy.unique"),
        ([0], 0, InputError, "n_classes must be at least 1. Got 0."),
        ([0], 2.0, TypeError, "n_classes must be an integer. Got 2.0."),
    ],
)
def test_refused_labels(labels, K, error, sentence):
    with pytest.raises(error, match=sentence):
        one_hot(labels, K)


@pytest.mark.parametrize(
    "targets",
    [
        [2, 0],
        np.array([2, 0], np.uint8),
        pd.Series([2, 0]),
        [[0, 0, 1], [1, 0, 0]],
        [[False, False, True], [True, False, False]],
        np.array([[0, 0, 1], [1, 0, 0]], np.float32),
        pd.DataFrame([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
    ],
)
def test_labels_and_one_hot_rows_mean_the_same(targets):
    assert cross_entropy_with_logits(targets, Z) == cross_entropy_with_logits([2, 0], Z)


@pytest.mark.parametrize(
    ("targets", "error", "sentence"),
    [
        (
            [0, 1, 2],
            InputError,
            r"labels of shape \(2,\) or distributions of shape \(2, 3\).* Got shape \(3,\)",
        ),
        (0, InputError, r"Got shape \(\)"),
        ([[0], [1]], InputError, r"Got shape \(2, 1\)"),
        ([0, 3], InputError, "Got 3 in row 1"),
        ([0.0, 1.0], TypeError, "integer labels"),
        ([[0.5, 0.5, 0.0], [0.5, 0.4, 0.0]], InputError, "must sum to 1. Got 0.9 in row 1"),
        ([[1, 1, 0], [1, 0, 0]], InputError, "must sum to 1. Got 2 in row 0"),
        ([[0, 0, 0], [1, 0, 0]], InputError, "must sum to 1. Got 0 in row 0"),
        ([[1.5, -0.5, 0.0], [1, 0, 0]], InputError, "not be negative. Got -0.5 in row 0, column 1"),
        ([[np.nan, 1, 0], [1, 0, 0]], InputError, "Got nan in row 0, column 0"),
        ([[np.inf, 1, 0], [1, 0, 0]], InputError, "Got inf in row 0"),
        ([[1.00001, 0, 0], [1, 0, 0]], InputError, "Got 1.00001 in row 0"),
        ([["a", "b", "c"], ["a", "b", "c"]], TypeError, "real numbers"),
    ],
)
@pytest.mark.parametrize("loss", [cross_entropy_with_logits, cross_entropy])
def test_refused_targets(loss, targets, error, sentence):
    with pytest.raises(error, match=sentence):
        loss(targets, np.full((2, 3), 1 / 3))


def test_distributions_of_few_digits_are_distributions():
    rng = np.random.default_rng(0)
    Y = rng.dirichlet(np.ones(50), size=2)
    logits = rng.standard_normal((2, 50))
    exact = cross_entropy_with_logits(Y, logits)
    assert cross_entropy_with_logits(Y.astype(np.float32), logits) == pytest.approx(exact, rel=1e-6)
    assert cross_entropy_with_logits(Y.astype(np.float16), logits) == pytest.approx(exact, rel=1e-2)
