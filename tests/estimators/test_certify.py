"""`certify` measures a scikit-learn fit by the optimum of its own objective."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from multilogit import InputError, LogisticRegression, Status, certify


def fitted(X, y, **parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SklearnLogisticRegression(**parameters).fit(X, y)


def objective(model, X, y, C):
    """C * sum of losses + 1/2 |W|^2, straight from the model's coefficients."""
    log_P = model.predict_log_proba(X)
    return -C * log_P[np.arange(len(y)), y].sum() + 0.5 * (model.coef_**2).sum()


def test_default_fit_of_raw_wine_is_far_from_its_optimum():
    X, y = load_wine(return_X_y=True)
    theirs, ours = fitted(X, y), LogisticRegression().fit(X, y)
    certificate = certify(theirs, X, y)
    excess = objective(theirs, X, y, 1.0) - objective(ours, X, y, 1.0)
    assert certificate.status is Status.MAX_ITER
    assert certificate.gap == pytest.approx(excess, rel=1e-6)
    assert excess > 1.0
    distance = max(np.abs(theirs.coef_ - ours.coef_).max(), np.abs(theirs.intercept_ - ours.intercept_).max())
    assert certificate.coefficient_error == pytest.approx(distance, rel=1e-6)


def test_tight_fit_is_certified():
    X, y = load_iris(return_X_y=True)
    certificate = certify(fitted(X, y, solver="newton-cholesky", tol=1e-13), X, y)
    assert certificate.status is Status.CONVERGED
    assert certificate.coefficient_error < 1e-9


@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 2.0}])
@pytest.mark.parametrize("classes", [2, 3])
def test_weights_intercept_and_C_are_those_of_the_fit(class_weight, classes):
    X, y = load_iris(return_X_y=True)
    X, y = (X[y > 0], y[y > 0] - 1) if classes == 2 else (X, y)
    w = np.random.default_rng(0).uniform(0.5, 2.0, len(y))
    parameters = {"C": 0.3, "class_weight": class_weight, "fit_intercept": False, "solver": "newton-cholesky"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SklearnLogisticRegression(tol=1e-13, **parameters).fit(X, y, sample_weight=w)
    assert certify(model, X, y, sample_weight=w).coefficient_error < 1e-8
    assert certify(model, X, y, sample_weight=np.ones(len(y))).coefficient_error > 1e-3


def test_separated_data_have_no_optimum_to_be_far_from():
    X, y = load_iris(return_X_y=True)
    certificate = certify(fitted(X, y, C=np.inf), X, y)
    assert certificate.status is Status.SEPARATED
    assert certificate.gap == np.inf
    assert certificate.coefficient_error is None
    assert certificate.separated == ((0, 1), (0, 2))


def test_our_own_fit_is_certified_on_timestamps():
    rng = np.random.default_rng(0)
    X = rng.integers(1_700_000_000, 1_700_100_000, size=(300, 1))
    y = (X[:, 0] % 100_000 / 25_000 - 2 + rng.logistic(size=300) > 0).astype(int)
    model = LogisticRegression(C=np.inf).fit(X, y)
    assert certify(model, X, y).status is Status.CONVERGED


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda X, y: RidgeClassifier().fit(X, y), "Got RidgeClassifier"),
        (lambda X, y: make_pipeline(StandardScaler(), SklearnLogisticRegression()).fit(X, y), "pass the last step"),
        (lambda X, y: fitted(X[y < 2], y[y < 2], solver="liblinear"), "penalises the intercept"),
        (lambda X, y: fitted(X, y, l1_ratio=1.0, solver="saga"), "L2 penalty and none"),
        (lambda X, y: fitted(X[:, :2], y), "2 columns of the fit. Got 4"),
        (lambda X, y: fitted(X[y < 2], y[y < 2]), r"classes of the fit, \[0, 1\]"),
    ],
)
def test_other_objectives_and_other_data_are_refused(model, message):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(InputError, match=message):
        certify(model(X, y), X, y)
