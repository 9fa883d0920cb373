"""Data on which a proof could be fooled by rounding: what is proved must be true, and what is not must be said."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression

from multilogit import ConvergenceWarning, InputError, LogisticRegression, SeparationWarning, Status, certify


def fit(X, y, **parameters):
    """Fit, whatever is warned of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", SeparationWarning)
        return LogisticRegression(**parameters).fit(X, y)


@pytest.mark.parametrize("seed", range(6))
def test_two_timestamps_whose_difference_separates(seed):
    """The difference of two columns of 1.7e9 is 60 or 0, and 60 only where y = 1."""
    rng = np.random.default_rng(seed)
    start = 1.7e9 + np.floor(rng.uniform(0, 3e7, 300))
    y = ((start - 1.715e9) / 1e7 + rng.logistic(size=300) > 0).astype(int)
    duration = np.where((y == 1) & (rng.random(300) < 0.2), 60.0, 0.0)
    assert fit(np.column_stack([start, duration]), y, C=np.inf).certificate_.status is Status.SEPARATED
    model = fit(np.column_stack([start, start + duration]), y, C=np.inf)
    assert model.certificate_.status is not Status.CONVERGED


@pytest.mark.parametrize("delta", [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
def test_a_small_difference_that_separates_is_never_an_optimum(delta):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=50)
        y = (x + rng.logistic(size=50) > 0).astype(int)
        u = ((y == 1) & (rng.random(50) < 0.3)).astype(float)
        model = fit(np.column_stack([x, x + delta * u]), y, C=np.inf)
        assert model.certificate_.status is not Status.CONVERGED


@pytest.mark.parametrize("delta", [1e-7, 1e-9, 1e-11, 1e-12])
def test_a_proof_on_nearly_collinear_columns_is_true(delta):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x, u = rng.normal(size=(2, 50))
        y = (3 * u + rng.logistic(size=50) > 0).astype(int)
        X = np.column_stack([x, x + delta * u])
        optimum = fit(np.column_stack([x, (X[:, 1] - x) / delta]), y, C=np.inf).certificate_.objective
        for max_iter in (5, 1000):
            certificate = fit(X, y, C=np.inf, max_iter=max_iter).certificate_
            if certificate.status is not Status.SEPARATED:
                assert certificate.gap >= certificate.objective - optimum - 1e-10 * optimum


@pytest.mark.parametrize("wild", [1e6, 1e9, 1e12, 1e18, 9.96921e36, -9.96921e36, 1e90])
@pytest.mark.parametrize("C", [1.0, np.inf])
def test_a_fill_value_does_not_hide_the_other_rows(wild, C):
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    y = (3 * x + rng.logistic(size=300) > 0).astype(int)
    clean = fit(x[:, None], y, C=C).certificate_.objective
    certificate = fit(np.r_[x, wild][:, None], np.r_[y, int(wild > 0)], C=C).certificate_
    assert certificate.status is not Status.SEPARATED
    if certificate.status is Status.CONVERGED:  # the wild row is on the right side, and costs nothing
        assert certificate.objective <= clean * (1 + 1e-8)


@pytest.mark.parametrize("wild", [1e9, 1e12, 1e15, 1e30])
def test_an_outlier_on_the_wrong_side_is_no_separation(wild):
    rng = np.random.default_rng(1)
    x = rng.normal(size=200)
    y = (-x + rng.logistic(size=200) > 0).astype(int)
    model = fit(np.r_[x, wild][:, None], np.r_[y, 1], C=np.inf)
    assert model.certificate_.status is not Status.SEPARATED


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9, 1e-10, 1e-11])
def test_neighbours_on_the_wrong_side_are_no_separation(distance):
    x = np.r_[np.linspace(-1, -0.1, 20), 0, distance, np.linspace(0.1, 1, 20)]
    y = np.r_[np.zeros(20), 1, 0, np.ones(20)].astype(int)
    model = fit(x[:, None], y, C=np.inf)
    assert model.certificate_.status is not Status.SEPARATED


@pytest.mark.parametrize("shift", [0.1, 3.0])
def test_class_rows_off_their_zero_sum_cost_what_the_penalty_says(shift):
    X, y = load_iris(return_X_y=True)
    fitted = SklearnLogisticRegression(solver="newton-cholesky", tol=1e-12).fit(X, y)
    best = certify(fitted, X, y).objective
    fitted.coef_ = fitted.coef_ + shift
    certificate = certify(fitted, X, y)
    assert certificate.gap >= 0.999 * (certificate.objective - best)
    assert certificate.coefficient_error == pytest.approx(shift, rel=1e-6)
    assert certificate.status is not Status.CONVERGED


def test_a_warm_start_off_the_zero_sum_is_brought_back():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(500, 4)), rng.integers(0, 3, 500)
    model = LogisticRegression(warm_start=True).fit(X, y)
    expected = model.coef_.copy()
    model.coef_ = model.coef_ - model.coef_[0] + 1
    np.testing.assert_allclose(model.fit(X, y).coef_, expected, rtol=1e-12)


@pytest.mark.parametrize("offset", [8.3e7, 8.5e8])
@pytest.mark.parametrize("C", [1.0, np.inf])
def test_sparse_columns_far_from_zero(offset, C):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    X[:, 0] += offset
    y = rng.integers(0, 3, 60)
    dense, csr = LogisticRegression(C=C).fit(X, y), LogisticRegression(C=C).fit(sparse.csr_array(X), y)
    np.testing.assert_allclose(csr.coef_, dense.coef_, rtol=1e-10)


def test_many_classes_without_a_penalty_stay_within_memory():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2000, 3)), rng.integers(0, 60, 2000)
    assert fit(X, y, C=np.inf).certificate_.status is Status.CONVERGED


def test_no_column_and_no_intercept_leave_equal_probabilities():
    model = fit(np.zeros((6, 2)), [0, 1, 0, 1, 0, 1], C=np.inf, fit_intercept=False)
    np.testing.assert_array_equal(model.predict_proba(np.zeros((1, 2))), [[0.5, 0.5]])


@pytest.mark.parametrize("scale", [1e-170, 1e-300, 1e-310])
def test_columns_whose_squares_vanish_are_refused(scale):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(InputError, match=r"column 'x2'.*Multiply it"):
        LogisticRegression(C=np.inf).fit(X * np.array([1, 1, scale, 1]), y)


@pytest.mark.parametrize("C", [1e-60, 1e60, 1e300])
def test_penalties_beyond_reason_are_refused(C):
    with pytest.raises(InputError, match=r"C must lie between 1e-50 and 1e\+50"):
        LogisticRegression(C=C).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("weight", [1e-320, 1e-60, 1e60])
def test_weights_beyond_reason_are_refused(weight):
    with pytest.raises(InputError, match=r"must lie between 1e-50 and 1e\+50.*row 1"):
        LogisticRegression().fit([[0.0], [1.0]], [0, 1], sample_weight=[1.0, weight])


@pytest.mark.parametrize("size", [1e-95, 1e95])
@pytest.mark.parametrize("weight", [1e-45, 1e45])
@pytest.mark.parametrize("C", [1e-45, 1e45, np.inf])
def test_the_corners_of_the_domain_overflow_nowhere(size, weight, C):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)) * size, rng.integers(0, 2, 40)
    model = fit_weighted(X, y, np.full(40, weight), C)
    assert np.isfinite(model.predict_proba(X)).all()


def fit_weighted(X, y, weight, C):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=C).fit(X, y, sample_weight=weight)


def test_certify_holds_to_the_names_of_the_columns():
    import pandas as pd

    X, y = load_iris(return_X_y=True, as_frame=True)
    fitted = SklearnLogisticRegression(max_iter=1000).fit(X, y)
    with pytest.raises(ValueError, match="feature names"):
        certify(fitted, X[X.columns[::-1]], y)
    assert isinstance(X, pd.DataFrame)
    assert certify(fitted, X, y).relative_gap < 1e-3


@pytest.mark.parametrize("seed", range(8))
def test_converged_means_that_the_tolerance_is_proved(seed):
    """More columns than rows, far from zero: what the row space proves must hold on the user's columns."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(5, 7)) + 10.0 ** rng.uniform(0, 7, size=7)
    y = np.array([0, 1, 2, 3, 0])
    weight = 10.0 ** rng.uniform(-6, 1, size=5)
    for solver in ("newton-cholesky", "lbfgs", "newton-cg"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(C=1e8, fit_intercept=False, solver=solver).fit(X, y, sample_weight=weight)
        certificate = model.certificate_
        assert certificate.status is not Status.CONVERGED or certificate.relative_gap <= 1e-9
