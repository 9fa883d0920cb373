"""The units and the origin of a column are the user's business: they do not change what is predicted."""

import numpy as np
import pytest

from multilogit import LogisticRegression


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = (X @ rng.normal(size=(4, 3)) + rng.gumbel(size=(300, 3))).argmax(axis=1)
    return X, y, LogisticRegression(C=np.inf).fit(X, y).predict_proba(X)


@pytest.mark.parametrize("exponent", range(-8, 9))
def test_shifted_and_scaled_columns_predict_the_same(data, exponent):
    X, y, expected = data
    moved = (X + 3000) * 10.0**exponent
    model = LogisticRegression(C=np.inf).fit(moved, y)
    np.testing.assert_allclose(model.predict_proba(moved), expected, rtol=0, atol=1e-10)


def test_scales_may_differ_by_sixteen_decades(data):
    X, y, expected = data
    moved = (X + 3000) * np.array([1e8, 1e-8, 1.0, 1e4])
    model = LogisticRegression(C=np.inf).fit(moved, y)
    np.testing.assert_allclose(model.predict_proba(moved), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("solver", ["lbfgs", "newton-cg"])
def test_so_for_the_other_solvers(data, solver):
    X, y, expected = data
    moved = (X + 3000) * np.array([1e8, 1e-8, 1.0, 1e4])
    model = LogisticRegression(C=np.inf, solver=solver).fit(moved, y)
    np.testing.assert_allclose(model.predict_proba(moved), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_unix_timestamps_predict_as_seconds_counted_from_their_first(C):
    rng = np.random.default_rng(1)
    seconds = np.sort(rng.integers(0, 30 * 86_400, size=2000))
    y = (seconds / (30 * 86_400) * 4 - 2 + rng.logistic(size=2000) > 0).astype(int)
    counted = (seconds - seconds[0])[:, None]
    stamps = (seconds + 1_700_000_000)[:, None]
    ours, expected = LogisticRegression(C=C).fit(stamps, y), LogisticRegression(C=C).fit(counted, y)
    np.testing.assert_allclose(ours.predict_proba(stamps), expected.predict_proba(counted), rtol=0, atol=1e-15)
    assert ours.score(stamps, y) > 0.65


def test_rare_class_gets_its_share():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100_010, 2)), np.zeros(100_010, dtype=int)
    y[:10] = 1
    model = LogisticRegression(C=np.inf).fit(X, y)
    assert abs(model.predict_proba(X)[:, 1].sum() - 10) < 1e-8


@pytest.mark.parametrize("C", [0.5, np.inf])
def test_classes_rows_and_columns_may_be_permuted(data, C):
    X, y, _ = data
    rng = np.random.default_rng(2)
    rows, columns, classes = rng.permutation(len(X)), rng.permutation(4), np.array([2, 0, 1])
    expected = LogisticRegression(C=C).fit(X, y).predict_proba(X)
    model = LogisticRegression(C=C).fit(X[rows][:, columns], classes[y][rows])
    np.testing.assert_allclose(model.predict_proba(X[:, columns])[:, classes], expected, rtol=0, atol=1e-13)


def test_weights_and_C_trade_off(data):
    X, y, _ = data
    half = LogisticRegression(C=2.0).fit(X, y, sample_weight=np.full(len(y), 0.5))
    np.testing.assert_allclose(half.coef_, LogisticRegression(C=1.0).fit(X, y).coef_, rtol=1e-13)
