"""The estimator's own behaviour: shapes, prediction, starts, threads, words."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_digits, load_iris, load_wine

from multilogit import ConvergenceWarning, LogisticRegression, Status


@pytest.fixture
def wine():
    return load_wine(return_X_y=True)


def three_classes(n=300, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    y = (X @ rng.normal(size=(4, 3)) + rng.gumbel(size=(n, 3))).argmax(axis=1)
    return X, y


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_class_rows_sum_to_zero(C):
    X, y = three_classes()
    model = LogisticRegression(C=C).fit(X, y)
    np.testing.assert_allclose(model.coef_.sum(axis=0), 0.0, atol=1e-15)
    np.testing.assert_allclose(model.intercept_.sum(), 0.0, atol=1e-15)


def test_gradient_in_the_users_units_vanishes(wine):
    X, y = wine
    model = LogisticRegression(C=0.7).fit(X, y)
    residual = model.predict_proba(X) - np.eye(3)[y]
    gradient = 0.7 * residual.T @ (X - X.mean(axis=0)) + model.coef_
    assert np.abs(gradient).max() < 1e-9
    np.testing.assert_allclose(residual.sum(axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, np.asfortranarray])
@pytest.mark.parametrize("C", [1.0, np.inf])
def test_every_container_gives_the_same_fit(container, C):
    X, y = three_classes()
    X = np.where(np.abs(X) < 0.7, 0.0, X) + np.array([0.0, 0.0, 0.0, 3.0])
    dense, other = LogisticRegression(C=C).fit(X, y), LogisticRegression(C=C).fit(container(X), y)
    np.testing.assert_allclose(other.coef_, dense.coef_, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(other.predict_proba(container(X)), dense.predict_proba(X), atol=1e-14)


def test_float32_stays_float32_and_is_certified_as_stored():
    X, y = load_digits(return_X_y=True)
    reference = LogisticRegression().fit(X, y)
    model = LogisticRegression().fit(X.astype(np.float32), y)
    assert model.coef_.dtype == model.intercept_.dtype == np.float32
    assert model.predict_proba(X.astype(np.float32)).dtype == np.float32
    assert model.certificate_.relative_gap <= 1e-6
    assert np.abs(model.coef_ - reference.coef_).max() < 1e-6


def test_integer_and_boolean_features_are_float64():
    X, y = three_classes()
    X = np.rint(3 * X)
    assert LogisticRegression().fit(X.astype(np.int16), y).coef_.dtype == np.float64
    assert np.array_equal(LogisticRegression().fit(X.astype(int), y).coef_, LogisticRegression().fit(X, y).coef_)


def test_log_probabilities_keep_what_probabilities_round_away():
    X = np.array([[-1.0], [-0.9], [0.9], [1.0], [0.1], [-0.1]])
    model = LogisticRegression(C=100.0).fit(X, [0, 0, 1, 1, 0, 1])
    far = np.array([[40.0]])
    assert model.predict_proba(far)[0, 1] == 1.0
    assert -1e-16 < model.predict_log_proba(far)[0, 1] < 0.0


def test_prediction_follows_coefficients_that_the_user_replaced(wine):
    X, y = wine
    model = LogisticRegression().fit(X, y)
    model.coef_[0, 0] += 0.5  # in place, which no setter sees
    scores = X @ model.coef_.T + model.intercept_
    np.testing.assert_allclose(model.decision_function(X), scores, rtol=1e-10)
    model.intercept_ = np.zeros(3)
    np.testing.assert_allclose(model.decision_function(X), X @ model.coef_.T, rtol=1e-10)


def test_prediction_from_coefficients_that_were_never_fitted():
    model = LogisticRegression()
    model.coef_, model.intercept_, model.classes_ = np.array([[2.0]]), np.array([-1.0]), np.array(["no", "yes"])
    model.n_features_in_ = 1
    assert model.predict([[0.0], [1.0]]).tolist() == ["no", "yes"]
    np.testing.assert_allclose(model.decision_function([[0.0], [1.0]]), [-1.0, 1.0])


def test_sparsify_and_densify_predict_alike(wine):
    X, y = wine
    model = LogisticRegression().fit(X, y)
    expected = model.predict_proba(X)
    assert sparse.issparse(model.sparsify().coef_)
    assert np.array_equal(model.predict_proba(X), expected)
    assert isinstance(model.densify().coef_, np.ndarray)
    assert np.array_equal(model.predict_proba(X), expected)


def test_pickle_predicts_the_same_bits(wine):
    X, y = wine
    model = LogisticRegression().fit(X, y)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), model.predict_proba(X))


def test_names_of_a_data_frame_are_kept_and_held_to(wine):
    X, y = wine
    frame = pd.DataFrame(X, columns=[f"c{j}" for j in range(13)])
    model = LogisticRegression().fit(frame, np.array(["a", "b", "c"])[y])
    assert list(model.feature_names_in_) == list(frame.columns)
    assert set(model.predict(frame)) == {"a", "b", "c"}
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename(columns={"c0": "other"}))


@pytest.mark.parametrize("solver", ["newton-cholesky", "lbfgs", "newton-cg", "sag", "saga", "auto"])
def test_every_solver_name_reaches_the_optimum(wine, solver):
    X, y = wine
    model, reference = LogisticRegression(solver=solver).fit(X, y), LogisticRegression().fit(X, y)
    assert model.solver_ == (solver if solver in ("newton-cholesky", "lbfgs", "newton-cg") else reference.solver_)
    np.testing.assert_allclose(model.coef_, reference.coef_, rtol=1e-12)


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_threads_do_not_change_a_bit(C):
    X, y = three_classes(9000)
    one, two = (LogisticRegression(C=C, n_jobs=n).fit(X, y) for n in (1, 2))
    assert np.array_equal(one.coef_, two.coef_)
    assert np.array_equal(one.intercept_, two.intercept_)


def test_no_iterations_give_zeros_and_say_so(wine):
    X, y = wine
    with pytest.warns(ConvergenceWarning, match=r"relative gap is at most .* Raise max_iter"):
        model = LogisticRegression(max_iter=0).fit(X, y)
    assert not model.coef_.any()
    assert not model.intercept_.any()
    assert model.n_iter_.tolist() == [0]


@pytest.mark.parametrize("solver", ["newton-cholesky", "lbfgs", "newton-cg"])
def test_running_out_of_iterations_carries_the_gap(wine, solver):
    X, y = wine
    with pytest.warns(ConvergenceWarning, match=r"relative gap is at most [0-9.]+e"):
        model = LogisticRegression(max_iter=3, solver=solver).fit(X, y)
    assert model.certificate_.status is Status.MAX_ITER
    optimum = LogisticRegression().fit(X, y).certificate_.objective
    assert model.certificate_.gap >= model.certificate_.objective - optimum > 0
    assert model.n_iter_.dtype == np.int32
    assert model.n_iter_.tolist() == [3]


def test_impossible_tolerance_is_called_stalled(wine):
    with pytest.warns(ConvergenceWarning, match="raise tol"):
        model = LogisticRegression(tol=0).fit(*wine)
    assert model.certificate_.status is Status.STALLED
    assert model.certificate_.relative_gap < 1e-13


def test_warm_start_continues_where_the_last_fit_ended(wine):
    X, y = wine
    model = LogisticRegression(warm_start=True).fit(X, y)
    first = model.n_iter_[0]
    expected = model.coef_.copy()
    model.fit(X, y)
    assert model.n_iter_[0] < first
    np.testing.assert_allclose(model.coef_, expected, rtol=1e-12)
    model.fit(X[:, :5], y)  # other features: a cold start, not an error
    assert model.coef_.shape == (3, 5)


def test_verbose_writes_one_line_per_iteration(wine, capsys):
    model = LogisticRegression(verbose=1).fit(*wine)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == model.n_iter_[0] + 1
    assert "relative gap" in lines[-1]


def test_without_intercept():
    X, y = three_classes()
    for C in (1.0, np.inf):
        model = LogisticRegression(C=C, fit_intercept=False).fit(X, y)
        assert model.certificate_.status is Status.CONVERGED
        assert not model.intercept_.any()
        scale = 1.0 if np.isinf(C) else C
        gradient = scale * (model.predict_proba(X) - np.eye(3)[y]).T @ X + (0 if np.isinf(C) else model.coef_)
        assert np.abs(gradient).max() < 1e-11


def test_more_columns_than_rows_is_solved_in_the_row_space():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 200)), rng.integers(0, 3, 60)
    model = LogisticRegression().fit(X, y)
    residual = model.predict_proba(X) - np.eye(3)[y]
    assert np.abs(residual.T @ (X - X.mean(axis=0)) + model.coef_).max() < 1e-12


def test_polish_by_conjugate_gradients_adds_digits():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 60))
    y = (X @ rng.normal(size=(60, 40)) + rng.gumbel(size=(1000, 40))).argmax(axis=1)  # 2,379 parameters: no factor
    model = LogisticRegression().fit(X, y)
    assert model.certificate_.condition is None
    assert model.certificate_.relative_gap < 1e-13


def test_certificate_says_it_in_one_line(wine):
    summary = LogisticRegression().fit(*wine).certificate_.summary()
    assert summary.startswith("converged; at most ")
    assert "duality gap" in summary
    assert "\n" not in summary


def test_raw_iris_by_default_is_silent_and_certified():
    model = LogisticRegression().fit(*load_iris(return_X_y=True))
    assert model.certificate_.relative_gap <= 1e-9
    assert model.certificate_.status is Status.CONVERGED
