"""The binding contract: every common check of scikit-learn passes, none is excused, and it drops in."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from multilogit import LogisticRegression


@parametrize_with_checks([LogisticRegression()])
def test_common_check(estimator, check):
    check(estimator)


@pytest.mark.parametrize("load", [load_iris, load_wine])
@pytest.mark.parametrize("C", [0.01, 1.0])
def test_scikit_learns_newton_approaches_the_same_optimum(load, C):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    ours = LogisticRegression(C=C).fit(X, y)
    theirs = SklearnLogisticRegression(C=C, solver="newton-cholesky", tol=1e-12).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-8)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-8)


def test_binary_model_is_scikit_learns():
    X, y = load_iris(return_X_y=True)
    X, y = X[50:], y[50:]
    ours = LogisticRegression(C=2.0).fit(X, y)
    theirs = SklearnLogisticRegression(C=2.0, solver="newton-cholesky", tol=1e-13).fit(X, y)
    assert ours.coef_.shape == (1, 4)
    assert ours.intercept_.shape == (1,)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-6)
    assert ours.decision_function(X).shape == (100,)


def test_works_in_a_pipeline_and_under_cross_validation():
    X, y = load_wine(return_X_y=True)
    scores = cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), X, y, cv=3)
    assert scores.min() > 0.9


def test_has_scikit_learns_constructor_names():
    ours, theirs = LogisticRegression().get_params(), SklearnLogisticRegression().get_params()
    assert list(ours) == list(theirs)
    changed = {name for name in ours if ours[name] != theirs[name]}
    assert changed == {"tol", "solver", "max_iter"}
    assert clone(LogisticRegression(C=3.0)).C == 3.0
