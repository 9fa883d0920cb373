import numpy as np
import pytest
from sklearn import metrics

from multilogit.table.scores import accuracy, class_shares, log_loss


@pytest.fixture
def problem():
    generator = np.random.default_rng(3)
    P = generator.dirichlet(np.ones(4), size=50)
    return generator.integers(0, 4, 50), P, generator.random(50)


def test_log_loss_equals_scikit_learn(problem):
    codes, P, weight = problem
    expected = metrics.log_loss(codes, P, sample_weight=weight, labels=range(4))
    assert log_loss(codes, np.log(P), weight) == pytest.approx(expected, rel=1e-14)


def test_accuracy_equals_scikit_learn(problem):
    codes, P, weight = problem
    expected = metrics.accuracy_score(codes, P.argmax(axis=1), sample_weight=weight)
    assert accuracy(codes, np.log(P), weight) == pytest.approx(expected, rel=1e-14)


def test_an_impossible_class_costs_without_bound():
    with np.errstate(divide="ignore"):
        log_P = np.log([[1.0, 0.0]])
    assert log_loss(np.array([1]), log_P, np.ones(1)) == np.inf


def test_shares_are_weighted_and_count_absent_classes(problem):
    codes, _, weight = problem
    shares = class_shares(codes, 5, weight)
    assert shares[4] == 0
    assert shares.sum() == pytest.approx(1, abs=1e-15)
    assert shares[2] == pytest.approx(weight[codes == 2].sum() / weight.sum(), rel=1e-14)
