"""The path: the same fits as one at a time, the same scores as scikit-learn's loops, and honest failures."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn import datasets
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression
from sklearn.metrics import accuracy_score, log_loss, make_scorer
from sklearn.model_selection import ShuffleSplit, StratifiedKFold, cross_val_score

from multilogit import (
    ConvergenceWarning,
    InputError,
    LogisticRegression,
    SeparationWarning,
    Status,
    regularization_path,
)

CS = [10.0, 0.01, 1.0]  # in no order


def table(K=3, N=90, D=4, seed=0):
    """Return overlapping classes, their columns of different scales."""
    rng = np.random.default_rng([seed, K, N, D])
    X = rng.normal(size=(N, D)) * np.logspace(-1, 1, D) + rng.normal(size=D)
    y = (X @ rng.normal(size=(D, K)) / np.logspace(-1, 1, D).mean() + rng.gumbel(size=(N, K))).argmax(axis=1)
    return X, np.array(["red", "green", "blue", "grey"])[y]


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_a_path_has_the_fits_of_one_value_at_a_time(K, fit_intercept):
    X, y = table(K)
    weight = np.random.default_rng(1).choice([0.0, 0.5, 2.0], size=len(y))
    path = regularization_path(
        X, y, Cs=[*CS, np.inf], sample_weight=weight, fit_intercept=fit_intercept, class_weight="balanced"
    )
    for i, C in enumerate([*CS, np.inf]):
        single = LogisticRegression(C=C, fit_intercept=fit_intercept, class_weight="balanced").fit(X, y, weight)
        assert path.certificates[i].status is Status.CONVERGED
        assert path.certificates[i].relative_gap <= 1e-9
        np.testing.assert_allclose(path.coef[i], single.coef_, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(path.intercept[i], single.intercept_, rtol=1e-10, atol=1e-12)
        assert path.certificates[i].rank == single.certificate_.rank
    assert path.scores is None
    assert path.fold_certificates == ()
    np.testing.assert_array_equal(path.Cs, [*CS, np.inf])
    np.testing.assert_array_equal(path.classes, single.classes_)


@pytest.mark.parametrize("scoring", ["neg_log_loss", "accuracy", "neg_brier_score", "balanced_accuracy"])
@pytest.mark.parametrize("K", [2, 3])
def test_scores_are_those_of_scikit_learns_loop(K, scoring):
    """A loop of fits over folds and values of C, by scikit-learn's own cross-validation of our estimator."""
    X, y = table(K)
    y = np.unique(y, return_inverse=True)[1]  # scikit-learn's Brier score of two classes wants numbers
    cv = StratifiedKFold(4, shuffle=True, random_state=0)
    path = regularization_path(X, y, Cs=CS, cv=cv, scoring=scoring, tol=1e-12)
    for i, C in enumerate(CS):
        expected = cross_val_score(LogisticRegression(C=C), X, y, cv=cv, scoring=scoring)
        np.testing.assert_allclose(path.scores[:, i], expected, rtol=1e-6)
    assert path.best_index == path.scores.mean(axis=0).argmax()
    assert path.best_C == CS[path.best_index]
    assert all(c.status is Status.CONVERGED and c.relative_gap <= 1e-12 for f in path.fold_certificates for c in f)
    assert len(path.fold_certificates) == 4


def test_scores_are_those_of_scikit_learns_estimator():
    X, y = table()
    rival = SklearnLogisticRegression(C=0.3, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    expected = cross_val_score(rival, X, y, cv=5, scoring="neg_log_loss")
    np.testing.assert_allclose(regularization_path(X, y, Cs=[0.3], cv=5).scores[:, 0], expected, rtol=1e-6)


def test_functions_and_scorers_score_as_well():
    X, y = table()
    by_name = regularization_path(X, y, Cs=CS, cv=3)

    def likelihood(y, P):
        return -log_loss(y, P, labels=["blue", "green", "red"])

    by_function = regularization_path(X, y, Cs=CS, cv=3, scoring=likelihood)
    np.testing.assert_allclose(by_function.scores, by_name.scores, rtol=1e-12)
    scorer = make_scorer(accuracy_score)
    by_scorer = regularization_path(X, y, Cs=CS, cv=3, scoring=scorer)
    np.testing.assert_allclose(by_scorer.scores, regularization_path(X, y, Cs=CS, cv=3, scoring="accuracy").scores)


def test_weights_count_in_fits_and_scores_as_repeated_rows_do():
    X, y = table(N=40)
    count = np.random.default_rng(3).integers(0, 3, size=40)
    rows = np.repeat(np.arange(40), count)
    halves = [(np.arange(0, 40, 2), np.arange(1, 40, 2)), (np.arange(1, 40, 2), np.arange(0, 40, 2))]
    repeated = [(np.flatnonzero(np.isin(rows, train)), np.flatnonzero(np.isin(rows, test))) for train, test in halves]
    weighted = regularization_path(X, y, Cs=CS, cv=halves, sample_weight=count)
    plain = regularization_path(X[rows], y[rows], Cs=CS, cv=repeated)
    np.testing.assert_allclose(weighted.scores, plain.scores, rtol=1e-5)
    np.testing.assert_allclose(weighted.coef, plain.coef, rtol=1e-9, atol=1e-12)


def test_any_iterable_of_splits_will_do():
    """Overlapping test rows, masks, rows drawn twice."""
    X, y = table()
    half = np.arange(90) % 2 == 0
    drawn = np.random.default_rng(0).integers(90, size=90)
    path = regularization_path(X, y, Cs=[1.0], cv=iter([(half, ~half), (drawn, np.arange(10))]))
    assert path.scores.shape == (2, 1)
    single = LogisticRegression().fit(X[drawn], y[drawn])
    expected = -log_loss(y[:10], single.predict_proba(X[:10]), labels=single.classes_)
    np.testing.assert_allclose(path.scores[1, 0], expected, rtol=1e-5)
    assert regularization_path(X, y, Cs=[1.0], cv=ShuffleSplit(3, random_state=0)).scores.shape == (3, 1)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array, np.asfortranarray])
def test_any_matrix_has_the_same_path(kind):
    X, y = table()
    dense, other = regularization_path(X, y, Cs=CS, cv=3), regularization_path(kind(X), y, Cs=CS, cv=3)
    np.testing.assert_allclose(other.coef, dense.coef, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(other.scores, dense.scores, rtol=1e-5)


def test_float32_keeps_its_precision_and_says_so():
    X, y = table()
    path = regularization_path(X.astype(np.float32), y, Cs=CS, cv=3)
    assert path.coef.dtype == np.float32
    assert all(certificate.relative_gap <= 1e-6 for certificate in path.certificates)
    wide = regularization_path(X.astype(np.float32).astype(float), y, Cs=CS)
    np.testing.assert_allclose(path.coef, wide.coef, rtol=1e-5, atol=1e-5)


def test_only_the_fits_to_all_rows_are_polished(monkeypatch):
    from multilogit._solvers import solve

    polished, seen = solve.polished, []
    monkeypatch.setattr(solve, "polished", lambda objective, *rest: seen.append(1) or polished(objective, *rest))
    X, y = table()
    regularization_path(X, y, Cs=CS, cv=3)
    assert len(seen) == len(CS)


def test_a_model_is_a_fitted_estimator():
    pandas = pytest.importorskip("pandas")
    X, y = table()
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    path = regularization_path(frame, y, Cs=CS, class_weight="balanced")
    model, single = path.model(0), LogisticRegression(C=10.0, class_weight="balanced").fit(frame, y)
    np.testing.assert_allclose(model.predict_proba(frame), single.predict_proba(frame), rtol=1e-9)
    assert model.get_params() == single.get_params()
    assert {*vars(single)} == {*vars(model)}
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert model.n_iter_.dtype == single.n_iter_.dtype
    model.coef_[:] = 0.0
    assert path.model(0).coef_.any()
    assert path.coef[0].any()
    np.testing.assert_array_equal(path.model(-1).coef_, path.coef[2])
    with pytest.raises(IndexError, match=r"one of 3 values of C\. Got 3"):
        path.model(3)


def test_an_integer_means_that_many_values():
    X, y = table()
    path = regularization_path(X, y, Cs=3)
    np.testing.assert_allclose(path.Cs, [1e-4, 1.0, 1e4])
    assert repr(path) == "RegularizationPath(3 values of C from 0.0001 to 10000)"
    assert repr(regularization_path(X, y, Cs=3, cv=2)).endswith("10000, 2 folds)")


def test_of_equal_scores_the_smallest_C_is_the_best():
    X, y = table()
    path = regularization_path(X, y, Cs=[1.0, 0.5, 1.0], cv=3, scoring=lambda y, P: 1.0)
    assert path.best_C == 0.5


@pytest.mark.parametrize("n_jobs", [2, 3])
def test_threads_change_no_bit(n_jobs):
    X, y = table()
    one, many = (regularization_path(X, y, Cs=CS, cv=3, n_jobs=n) for n in (1, n_jobs))
    assert one.coef.tobytes() == many.coef.tobytes()
    assert one.scores.tobytes() == many.scores.tobytes()
    assert one.certificates == many.certificates


def test_an_ill_scaled_table_is_fitted_as_well():
    X, y = datasets.load_wine(return_X_y=True)
    path = regularization_path(X, y, Cs=5, cv=5)
    assert {c.status for c in path.certificates} == {Status.CONVERGED}
    assert path.scores.mean(axis=0).max() > -0.2


@settings(max_examples=10, deadline=None)
@given(
    K=st.integers(2, 4),
    D=st.integers(1, 12),
    Cs=st.lists(st.floats(-3, 3).map(lambda x: 10.0**x), min_size=1, max_size=4),
    folds=st.integers(2, 4),
    seed=st.integers(0, 99),
)
def test_every_fit_is_proved_whatever_the_problem(K, D, Cs, folds, seed):
    X, y = table(K, 12 * K, D, seed)
    splits = [(np.flatnonzero(np.arange(12 * K) % folds != f), np.arange(f, 12 * K, folds)) for f in range(folds)]
    if any(len(set(y[train])) < 2 for train, _ in splits) or len(set(y)) < 2:
        return
    path = regularization_path(X, y, Cs=Cs, cv=splits)
    assert path.coef.shape == (len(Cs), 1 if len(path.classes) == 2 else len(path.classes), D)
    for certificates in (path.certificates, *path.fold_certificates):
        for certificate in certificates:
            assert certificate.status is Status.CONVERGED
            assert certificate.relative_gap <= 1e-9
    assert (path.scores <= 0).all()


def test_a_class_that_a_fold_lacks_has_no_chance_there():
    """Probability zero in that fold and the loss infinite: told, not smoothed."""
    X, y = table(3, N=60)
    rare = np.flatnonzero(y == "blue")
    others = np.setdiff1d(np.arange(60), rare)
    splits = [(others, np.arange(60)), (np.arange(60), others)]
    path = regularization_path(X, y, Cs=CS, cv=splits)
    assert (path.scores[0] == -np.inf).all()
    assert np.isfinite(path.scores[1]).all()
    with pytest.raises(InputError, match=r"No C has a finite mean score.*stratifies"):
        path.best_index  # noqa: B018
    by_accuracy = regularization_path(X, y, Cs=CS, cv=splits, scoring="accuracy")
    pair = LogisticRegression(C=10.0).fit(X[others], y[others])
    assert by_accuracy.scores[0, 0] == pytest.approx(np.mean(pair.predict(X) == y))
    seen = regularization_path(X, y, Cs=CS, cv=[(others, others)], tol=1e-12)
    expected = -log_loss(y[others], pair.predict_proba(X[others]))
    assert seen.scores[0, 0] == pytest.approx(expected, rel=1e-6)  # the model of two classes, its penalty too


def test_one_warning_names_the_values_that_were_not_proved():
    X, y = table()
    with pytest.warns(
        ConvergenceWarning, match=r"Fits at C = 0.01, 10 are not proved.*Raise max_iter \(now 2\)"
    ) as caught:
        path = regularization_path(X, y, Cs=[10.0, 0.01], cv=3, max_iter=2)
    assert len(caught) == 1
    assert [c.status.name for c in path.certificates] == ["MAX_ITER", "MAX_ITER"]
    assert caught[0].filename == __file__


def test_separated_folds_are_named():
    X = np.array([[-2.0], [-1.0], [1.0], [2.0], [0.5], [-0.5], [-3.0], [3.0]])
    y = np.array([0, 0, 1, 1, 0, 1, 0, 1])
    splits = [(np.array([0, 1, 2, 3]), np.array([6, 7])), (np.arange(8), np.array([6, 7]))]
    with pytest.warns(SeparationWarning, match="in the training rows of fold 0:") as caught:
        path = regularization_path(X, y, Cs=[1.0, np.inf], cv=splits)
    assert len(caught) == 1
    assert path.certificates[1].status is Status.CONVERGED
    assert path.fold_certificates[0][1].separated == ((0, 1),)


REFUSED = {
    "Cs is one number": ({"Cs": 1.0}, "integer or a sequence.*Got 1.0"),
    "Cs is empty": ({"Cs": []}, "sequence of one or more numbers"),
    "Cs is text": ({"Cs": ["1"]}, "sequence of one or more numbers"),
    "no values": ({"Cs": 0}, "1 or more values. Got Cs=0"),
    "a negative value": ({"Cs": [1.0, -1.0]}, r"Cs\[1\] must be a number above 0, or inf. Got -1.0"),
    "not a number": ({"Cs": [np.nan]}, r"Cs\[0\] must be a number above 0"),
    "a tiny value": ({"Cs": [1e-60]}, r"Cs\[0\] must lie between 1e-50"),
    "an L1 penalty": ({"l1_ratio": 0.5}, "L1 and elastic-net penalties are not available yet"),
    "a negative tolerance": ({"tol": -1.0}, "tol must be a number"),
    "an unknown score": ({"scoring": "likelyhood", "cv": 2}, "scikit-learn's names.*Got 'likelyhood'"),
    "no score": ({"scoring": 3, "cv": 2}, "scoring must be a name, a function.*Got 3"),
    "a function of one argument": ({"scoring": lambda y: 0.0, "cv": 2}, "function of y and P"),
    "one fold": ({"cv": 1}, "cv could not split the rows: .*n_splits=1"),
    "no folds": ({"cv": []}, "one split or more. It made none"),
    "rows beyond the last": ({"cv": [([0, 1], [90])]}, "test rows of fold 0 must be .*from 0 to 89"),
    "rows that are no integers": ({"cv": [([0.5], [1])]}, "training rows of fold 0 must be"),
    "a short mask": ({"cv": [([True, False], [1])]}, "mask of 90 rows"),
    "one class": ({"cv": [([0], [1])]}, "training rows of fold 0 must hold at least two classes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    X, y = table()
    arguments, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        regularization_path(X, y, **{"Cs": CS} | arguments)


def test_other_refusals():
    X, y = table()
    weight = np.where(np.arange(90) >= 80, 0.0, 1.0)
    splits = [(np.arange(80), np.arange(70, 90)), (np.arange(80), np.arange(80, 90))]
    with pytest.raises(InputError, match="test rows of fold 1 must hold a positive weight"):
        regularization_path(X, y, Cs=CS, cv=splits, sample_weight=weight)
    with pytest.raises(InputError, match="Pass cv, for example cv=5"):
        regularization_path(X, y, Cs=CS).best_C  # noqa: B018
    with pytest.raises(TypeError, match="Cs"):
        regularization_path(X, y)
    X[3, 2] = np.nan
    with pytest.raises(InputError, match="row 3"):
        regularization_path(X, y, Cs=CS)


def test_a_proved_path_is_silent():
    X, y = table()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        regularization_path(X, y, Cs=CS, cv=3)
    assert not caught
