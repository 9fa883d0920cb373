"""Folds as columns of weights: what a splitter's rows become, and which splits are refused."""

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, StratifiedKFold

from multilogit import InputError
from multilogit.estimators.folds import read_folds
from multilogit.estimators.training_data import TrainingData

X = np.zeros((6, 1))
LABELS = np.array([0, 1, 0, 1, 0, 1])
WEIGHT = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 0.0])


def data(labels=LABELS, weight=WEIGHT):
    classes = np.array(["no", "yes"])
    return TrainingData(X, labels, classes, weight, np.ones(2, bool))


def test_without_splits_there_are_the_weights_alone():
    folds = read_folds(None, X, data(), None)
    np.testing.assert_array_equal(folds.weight, WEIGHT[:, None])
    assert folds.test == ()


def test_a_row_counts_as_often_as_it_is_drawn():
    folds = read_folds([([0, 1, 1, 3], [2, 4]), (np.arange(6) < 2, np.arange(6) > 3)], X, data(), None)
    expected = [WEIGHT, [1.0, 4.0, 0.0, 4.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0, 0.0, 0.0]]
    np.testing.assert_array_equal(folds.weight.T, expected)
    assert [rows.tolist() for rows in folds.test] == [[2, 4], [4, 5]]


def test_a_number_means_stratified_folds_of_the_labels():
    folds = read_folds(3, X, data(), None)
    expected = [test.tolist() for _, test in StratifiedKFold(3).split(X, LABELS)]
    assert [rows.tolist() for rows in folds.test] == expected
    assert len(read_folds(LeaveOneOut(), X, data(), None).test) == 6


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (([0, 1], [6]), "The test rows of fold 0 must be one or more row numbers from 0 to 5, or a mask of 6 rows"),
        (([0, 1], []), "The test rows of fold 0"),
        (([-1, 1], [0]), "The training rows of fold 0"),
        (([0, 2, 4], [1]), r"at least two classes with positive weight. Got \['no'\]"),
        (([0, 2, 5], [1]), r"at least two classes with positive weight. Got \['no'\]"),  # row 5 has no weight
    ],
)
def test_refusals(split, message):
    with pytest.raises(InputError, match=message):
        read_folds([split], X, data(), None)


def test_test_rows_must_have_weight_among_the_users():
    with pytest.raises(InputError, match="test rows of fold 0 must hold a positive weight"):
        read_folds([([0, 1], [5])], X, data(), WEIGHT)
    assert read_folds([([0, 1], [5])], X, data(), None).test[0].tolist() == [5]


def test_a_splitter_that_cannot_is_told_in_a_sentence():
    with pytest.raises(InputError, match=r"cv could not split the rows: .*n_splits=7"):
        read_folds(7, X, data(), None)
