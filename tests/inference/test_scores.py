"""Row scores against scikit-learn's means."""

import numpy as np
import pytest
from sklearn import metrics

from multilogit.inference import row_scores
from multilogit.inference.scores import class_shares


@pytest.mark.parametrize("K", [2, 3, 7])
def test_the_means_are_those_of_scikit_learn(K):
    rng = np.random.default_rng(K)
    P = rng.dirichlet(np.ones(K), size=200)
    y, w = rng.integers(K, size=200), rng.random(200)
    found = row_scores(y, np.log(P))
    labels = list(range(K))
    assert np.average(found.log_loss, weights=w) == pytest.approx(
        metrics.log_loss(y, P, labels=labels, sample_weight=w)
    )
    theirs = metrics.brier_score_loss(y, P[:, 1] if K == 2 else P, labels=labels, sample_weight=w)
    assert np.average(found.brier, weights=w) == pytest.approx(theirs)
    assert np.average(found.correct, weights=w) == pytest.approx(
        metrics.accuracy_score(y, P.argmax(1), sample_weight=w)
    )


def test_a_class_held_to_be_impossible_costs_everything():
    found = row_scores(np.array([1]), np.array([[0.0, -np.inf]]))
    assert found.log_loss[0] == np.inf
    assert found.brier[0] == 1.0


def test_shares_count_weights_and_classes_without_rows():
    assert class_shares(np.array([0, 2]), 4, np.array([1.0, 3.0])).tolist() == [0.25, 0.0, 0.75, 0.0]
