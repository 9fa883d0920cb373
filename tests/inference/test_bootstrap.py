"""Paired intervals: the point estimates are scikit-learn's, the width is that of the theory, pairs cancel."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from multilogit.inference import bootstrap, compare, row_scores


def drawn(N=400, K=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(K, size=N)
    good = rng.normal(size=(N, K)) + 2.0 * np.eye(K)[y]
    log_P = good - np.log(np.exp(good).sum(axis=1, keepdims=True))
    return y, log_P, np.full((N, K), -np.log(K))


def test_points_are_means():
    y, log_P, prior = drawn()
    w = np.random.default_rng(1).random(len(y))
    found = {each.metric: each for each in compare(y, row_scores(y, log_P), row_scores(y, prior), w)}
    assert found["log_loss"].model == pytest.approx(np.average(row_scores(y, log_P).log_loss, weights=w))
    assert found["log_loss"].baseline == pytest.approx(np.log(3))
    theirs = balanced_accuracy_score(y, log_P.argmax(axis=1), sample_weight=w)
    assert found["balanced_accuracy"].model == pytest.approx(theirs)


def test_the_interval_has_the_width_of_a_mean():
    y, log_P, prior = drawn(N=2_000)
    scores = row_scores(y, log_P), row_scores(y, prior)
    found = compare(y, *scores, np.ones(len(y)))[0]
    error = (scores[0].log_loss - scores[1].log_loss).std() / np.sqrt(len(y))
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert found.low < found.difference < found.high


def test_equal_predictions_differ_by_nothing():
    y, log_P, _ = drawn()
    scores = row_scores(y, log_P)
    for each in compare(y, scores, scores, np.ones(len(y))):
        assert each.low == each.high == each.difference == 0.0


def test_groups_are_drawn_whole():
    """Rows that are copies of each other carry no more than one of them."""
    y, log_P, prior = drawn(N=200)
    once = compare(y, row_scores(y, log_P), row_scores(y, prior), np.ones(200))[0]
    y9, P9, prior9 = np.tile(y, 9), np.tile(log_P, (9, 1)), np.tile(prior, (9, 1))
    groups = np.tile(np.arange(200), 9)
    copied = compare(y9, row_scores(y9, P9), row_scores(y9, prior9), np.ones(1800), groups=groups)[0]
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=1e-9)


def test_bundles_of_rows_vary_as_rows(monkeypatch):
    y, log_P, prior = drawn(N=3_000)
    scores = row_scores(y, log_P), row_scores(y, prior)
    exact = compare(y, *scores, np.ones(len(y)))[0]
    monkeypatch.setattr(bootstrap, "_MOST_UNITS", 500)
    bundled = compare(y, *scores, np.ones(len(y)))[0]
    assert bundled.difference == pytest.approx(exact.difference)
    assert bundled.high - bundled.low == pytest.approx(exact.high - exact.low, rel=0.15)


def test_the_seed_decides():
    y, log_P, prior = drawn()
    scores = row_scores(y, log_P), row_scores(y, prior)
    first, again, other = (compare(y, *scores, np.ones(len(y)), seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_every_metric_has_its_place():
    y, log_P, prior = drawn()
    found = compare(y, row_scores(y, log_P), row_scores(y, prior), np.ones(len(y)))
    assert tuple(each.metric for each in found) == bootstrap.METRICS
    assert [each.difference < 0 for each in found] == [True, True, False, False]
    assert all(each.high < 0 for each in found[:2])
    assert all(each.low > 0 for each in found[2:])


def test_points_are_those_of_rows_repeated_by_weight():
    y, log_P, prior = drawn(N=60)
    w = np.arange(60) % 3
    again = np.repeat(np.arange(60), w)
    weighted = compare(y, row_scores(y, log_P), row_scores(y, prior), w.astype(float))
    repeated = compare(
        y[again], row_scores(y[again], log_P[again]), row_scores(y[again], prior[again]), np.ones(len(again))
    )
    for one, other in zip(weighted, repeated, strict=True):
        assert (one.model, one.baseline) == (pytest.approx(other.model), pytest.approx(other.baseline))


@pytest.mark.parametrize("groups", [None, np.arange(400) // 45])
def test_a_few_rows_or_groups_give_no_interval(groups):
    N = 9 if groups is None else 400
    y, log_P, prior = drawn(N)
    found = compare(y, row_scores(y, log_P), row_scores(y, prior), np.ones(N), groups=groups)
    assert {(each.low, each.high) for each in found} == {(-np.inf, np.inf)}
