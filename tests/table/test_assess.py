import numpy as np
import polars as pl
import pytest
from sklearn import metrics
from table.models import fitted
from table.problems import everything, noise_text, recipe, rows_of

from multilogit.table.assess import assess, scored
from multilogit.table.fitting import fit_rows
from multilogit.table.split import Split, cross_validation, holdout


@pytest.fixture(scope="module")
def rows():
    return rows_of(everything() | {"w": np.random.default_rng(1).uniform(0.5, 3.0, 90)}, weights="w")


def test_predictions_are_those_of_fits_to_the_other_rows(rows):
    splits = cross_validation(rows.codes, None, 0)
    found, training, last = scored(rows, splits, recipe())
    assert sorted(found.rows.tolist()) == list(range(90))
    start, losses = 0, []
    for split in splits:
        fit = fit_rows(rows.take(split.fit), recipe())
        here = slice(start, start + len(split.score))
        np.testing.assert_array_equal(found.rows[here], split.score)
        np.testing.assert_array_equal(found.log_P[here], fit.log_probabilities(rows.take(split.score)))
        shares = np.bincount(rows.codes[split.fit], weights=rows.weight[split.fit])
        np.testing.assert_allclose(np.exp(found.prior[here]), [shares / shares.sum()] * len(split.score), rtol=1e-13)
        own = np.exp(fit.log_probabilities(rows.take(split.fit)))
        losses.append(metrics.log_loss(rows.codes[split.fit], own, sample_weight=rows.weight[split.fit]))
        start += len(split.score)
    assert training == pytest.approx(np.mean(losses), rel=1e-12)
    np.testing.assert_array_equal(last.estimator.coef_, fit.estimator.coef_)


def test_metrics_are_those_of_scikit_learn(rows):
    found, training, _ = scored(rows, [holdout(rows.codes, None, 0, 0.4)], recipe())
    assessment = assess(rows, found, training, 1, 0, 0)
    y, w, P = rows.codes[found.rows], rows.weight[found.rows], np.exp(found.log_P)
    theirs = {
        "log_loss": metrics.log_loss(y, P, sample_weight=w),
        "brier": metrics.brier_score_loss(y, P, sample_weight=w, labels=[0, 1, 2]),
        "accuracy": metrics.accuracy_score(y, P.argmax(axis=1), sample_weight=w),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, P.argmax(axis=1), sample_weight=w),
    }
    for name, value in theirs.items():
        assert assessment.metric(name).model == pytest.approx(value, rel=1e-12), name
    assert assessment.metric("log_loss").baseline == pytest.approx(
        metrics.log_loss(y, np.exp(found.prior), sample_weight=w), rel=1e-12
    )
    assert assessment.rows == len(y)
    assert sum(assessment.reliability.weight) == pytest.approx(w.sum())


def test_scored_rows_do_not_change_the_fit_that_scores_them(rows):
    split = Split(np.arange(60), np.arange(60, 90))
    first = scored(rows, [split], recipe())[0]
    turned = scored(rows, [Split(split.fit, split.score[::-1])], recipe())[0]
    np.testing.assert_array_equal(turned.log_P[::-1], first.log_P)


@pytest.mark.parametrize(("C", "seed"), [(None, 0), (1.0, 0), (1.0, 1), (1.0, 2), (100.0, 0)])
def test_words_without_meaning_do_not_beat_the_shares_of_the_classes(C, seed):
    found = fitted(pl.DataFrame(noise_text(seed=seed)), C=C, holdout="cv", columns={"text": "text"}).model
    loss = found.record.assessment.metric("log_loss")
    assert len(found.schema.terms) > 80
    assert loss.model >= loss.baseline - 2e-3
    assert loss.high >= 0
    assert "ML401" in {each.code for each in found.record.findings}


def test_the_same_words_learnt_by_heart_would_seem_to_say_much():
    """The check above can fail: on the rows that it was fitted to, a weak penalty beats the shares by far."""
    rows = rows_of(noise_text(), columns={"text": "text"})
    everyone = np.arange(300)
    found, training, _ = scored(rows, [Split(everyone, everyone)], recipe(100.0))
    assert assess(rows, found, training, 1, 0, 0).metric("log_loss").high < -0.5
