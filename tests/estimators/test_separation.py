"""Separated classes are called separated, overlapping ones never are; collinear columns are named."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from multilogit import LogisticRegression, SeparationWarning, Status
from multilogit._solvers import loop


def fit_separated(X, y):
    with pytest.warns(SeparationWarning) as caught:
        model = LogisticRegression(C=np.inf).fit(X, y)
    assert len(caught) == 1
    assert model.certificate_.status is Status.SEPARATED
    return model


def margins(model, X, y):
    """Margins of every row's class over each other class along the certificate's direction."""
    direction = model.certificate_.direction
    scores = X - model.centre_
    scores = np.column_stack([scores, np.ones(len(X))]) @ direction.T
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    own = scores[np.arange(len(y)), np.searchsorted(model.classes_, y)]
    return own[:, None] - scores


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_the_textbook_sets_are_separated(load):
    X, y = load(return_X_y=True)
    model = fit_separated(X, y)
    along = margins(model, X, y)
    assert along.min() >= -1e-8 * np.abs(along).max()
    assert along.max() > 0
    assert np.isfinite(model.predict_proba(X)).all()
    assert np.isfinite(model.coef_).all()
    assert model.score(X, y) > 0.97
    assert model.certificate_.gap == np.inf


def test_iris_names_setosa():
    iris = load_iris()
    model = fit_separated(iris.data, iris.target_names[iris.target])
    assert model.certificate_.separated == (("setosa", "versicolor"), ("setosa", "virginica"))
    with pytest.warns(SeparationWarning, match="'setosa' from 'versicolor'"):
        LogisticRegression(C=np.inf).fit(iris.data, iris.target_names[iris.target])


def test_quasi_separation_by_an_indicator():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = (X @ [1.0, -1.0, 0.5] + rng.logistic(size=400) > 0).astype(int)
    X[:, 2] = (rng.random(400) < 0.2) & (y == 1)  # set only where y = 1
    model = fit_separated(X, y)
    along = margins(model, X, y)
    assert along.min() >= -1e-8
    # The other coefficients are those of the rows that the indicator leaves undecided.
    rest = X[:, 2] == 0
    undecided = LogisticRegression(C=np.inf).fit(X[rest][:, :2], y[rest])
    np.testing.assert_allclose(model.coef_[0, :2], undecided.coef_[0], rtol=1e-4)


def test_no_false_alarm_however_near():
    x = np.linspace(-1, 1, 200)[:, None]
    y = (x[:, 0] > 0).astype(int)
    y[[99, 100]] = y[[100, 99]]  # two neighbours exchanged: overlap by one step of the grid
    model = LogisticRegression(C=np.inf).fit(x, y)
    assert model.certificate_.status is Status.CONVERGED
    assert model.certificate_.separated == ()


@pytest.mark.parametrize("kind", ["overlap", "separable", "quasi"])
def test_fifty_thousand_rows_are_decided_in_seconds(kind, monkeypatch):
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(50_000, 20)), rng.normal(size=(20, 5))
    y = (X @ W + (0.0 if kind == "separable" else 1.0) * rng.gumbel(size=(50_000, 5))).argmax(axis=1)
    if kind == "quasi":
        X[:, 0] = np.where(y == 0, np.abs(X[:, 0]), 0.0) * (rng.random(50_000) < 0.3)
    if kind == "overlap":  # proved by the Hessian: the linear program must not be asked
        monkeypatch.setattr(loop, "separating_direction", None)
        certificate = LogisticRegression(C=np.inf).fit(X, y).certificate_
        assert certificate.status is Status.CONVERGED
        assert certificate.passes <= 20
        return
    model = fit_separated(X, y)
    assert model.certificate_.passes <= 60
    expected = [(0, k) for k in range(1, 5)] if kind == "quasi" else [(j, k) for k in range(5) for j in range(k)]
    assert sorted(model.certificate_.separated) == sorted(expected)


@pytest.mark.parametrize("C", [1.0, 1e6, np.inf])
def test_collinear_and_constant_columns_are_named(C):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    X = np.column_stack([X, X[:, 0] + X[:, 1], np.full(200, 0.1), X[:, 2]])
    y = (X @ rng.normal(size=(6, 3)) + rng.gumbel(size=(200, 3))).argmax(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = LogisticRegression(C=C).fit(X, y)
    certificate = model.certificate_
    assert certificate.status is Status.CONVERGED
    assert certificate.rank == 3
    assert certificate.newton_decrement is not None
    assert len(certificate.aliased) == 3
    assert "x4" in certificate.aliased
    assert np.isfinite(model.coef_).all()
    np.testing.assert_allclose(model.coef_[:, 2], model.coef_[:, 5], rtol=1e-10)
    np.testing.assert_allclose(model.coef_[:, 4], 0.0, atol=1e-15)
    assert certificate.aliased[-1] in certificate.summary()


def test_the_rank_deficient_answer_is_the_limit_of_the_penalised_path():
    rng = np.random.default_rng(1)
    X = rng.integers(-9, 10, size=(150, 3)) * [1, 10, 2]
    X = np.column_stack([X, X @ [1, 2, -3]])  # integers: collinear without any rounding
    y = (X[:, 0] / 3 + rng.logistic(size=150) > 0).astype(int)
    limit = LogisticRegression(C=np.inf).fit(X, y)
    near = LogisticRegression(C=1e8).fit(X, y)
    np.testing.assert_allclose(limit.coef_, near.coef_, rtol=1e-6, atol=1e-9)


def test_constant_column_alone_leaves_the_shares():
    X = np.full((10, 1), 7.7)
    y = np.array([0] * 3 + [1] * 2 + [2] * 5)
    P = LogisticRegression(C=np.inf).fit(X, y).predict_proba(X[:1])
    np.testing.assert_allclose(P, [[0.3, 0.2, 0.5]], rtol=1e-14)
