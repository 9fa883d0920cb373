"""Weights: repeated and deleted rows, classes that lose all their weight, class weights."""

import numpy as np
import pytest
from scipy import sparse

from multilogit import LogisticRegression

DIGITS = 1e-12


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 3))
    y = (X @ rng.normal(size=(3, 3)) + rng.gumbel(size=(200, 3))).argmax(axis=1)
    return X, y, rng.integers(0, 4, size=200)


def assert_same_model(model, other, X):
    np.testing.assert_allclose(model.predict_proba(X), other.predict_proba(X), rtol=0, atol=DIGITS)
    scale = np.abs(other.coef_).max()
    np.testing.assert_allclose(model.coef_ / scale, other.coef_ / scale, rtol=0, atol=DIGITS)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("C", [1.0, np.inf])
def test_integer_weights_equal_repeated_rows(data, container, C):
    X, y, w = data
    weighted = LogisticRegression(C=C).fit(container(X), y, sample_weight=w)
    repeated = LogisticRegression(C=C).fit(container(np.repeat(X, w, axis=0)), np.repeat(y, w))
    assert_same_model(weighted, repeated, X)


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_zero_weight_equals_a_deleted_row(data, C):
    X, y, w = data
    weighted = LogisticRegression(C=C).fit(X, y, sample_weight=w)
    deleted = LogisticRegression(C=C).fit(X[w > 0], y[w > 0], sample_weight=w[w > 0])
    assert_same_model(weighted, deleted, X)


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_a_class_without_weight_keeps_its_place_with_probability_zero(data, C):
    X, y, _ = data
    model = LogisticRegression(C=C).fit(X, y, sample_weight=(y != 1).astype(float))
    binary = LogisticRegression(C=C).fit(X[y != 1], y[y != 1])
    assert model.classes_.tolist() == [0, 1, 2]
    P = model.predict_proba(X)
    assert not P[:, 1].any()
    assert not model.coef_[1].any()
    assert model.intercept_[1] == -np.inf
    np.testing.assert_allclose(P[:, [0, 2]], binary.predict_proba(X), rtol=0, atol=DIGITS)
    np.testing.assert_allclose(model.coef_[2] - model.coef_[0], binary.coef_[0], rtol=DIGITS)


def test_a_class_of_four_without_weight(data):
    X, y, _ = data
    y = np.where(X[:, 0] > 1.2, 3, y)
    model = LogisticRegression().fit(X, y, sample_weight=(y != 3).astype(float))
    deleted = LogisticRegression().fit(X[y != 3], y[y != 3])
    np.testing.assert_allclose(model.predict_proba(X)[:, :3], deleted.predict_proba(X), rtol=0, atol=DIGITS)
    np.testing.assert_allclose(model.coef_[:3], deleted.coef_, rtol=0, atol=DIGITS)


def test_class_weights_multiply_sample_weights(data):
    X, y, w = data
    factors = {0: 0.5, 2: 3.0}
    model = LogisticRegression(class_weight=factors).fit(X, y, sample_weight=w)
    expected = LogisticRegression().fit(X, y, sample_weight=w * np.array([0.5, 1.0, 3.0])[y])
    assert_same_model(model, expected, X)


def test_balanced_gives_every_class_the_same_weight(data):
    X, y, w = data
    model = LogisticRegression(class_weight="balanced", C=np.inf).fit(X, y, sample_weight=w)
    totals = np.bincount(y, weights=w)
    share = w * (totals.sum() / (3 * totals))[y]
    np.testing.assert_allclose(share @ model.predict_proba(X), totals.sum() / 3, rtol=1e-10)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (-1.0, r"0 or more\. Got -1 in row 5\."),
        (np.nan, r"finite and 0 or more\. Got nan in row 5\."),
        (np.inf, r"finite and 0 or more\. Got inf in row 5\."),
    ],
)
def test_bad_weights_are_named(data, weight, message):
    X, y, _ = data
    w = np.ones(200)
    w[5] = weight
    with pytest.raises(ValueError, match=message):
        LogisticRegression().fit(X, y, sample_weight=w)


def test_weights_of_nothing_and_of_the_wrong_length(data):
    X, y, _ = data
    with pytest.raises(ValueError, match="zero for every row"):
        LogisticRegression().fit(X, y, sample_weight=np.zeros(200))
    with pytest.raises(ValueError, match=r"one value per row of X, 200\. Got 199"):
        LogisticRegression().fit(X, y, sample_weight=np.ones(199))
    with pytest.raises(ValueError, match=r"two classes with positive weight\. Got one class: 2"):
        LogisticRegression().fit(X, y, sample_weight=(y == 2).astype(float))


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({7: 1.0}, "key 7, which is no class"),
        ({0: -1.0}, r"class_weight\[0\]"),
        ({0: "a"}, r"class_weight\[0\]"),
        ("even", "'balanced' or a dict"),
    ],
)
def test_bad_class_weights_are_named(data, class_weight, message):
    X, y, _ = data
    with pytest.raises(ValueError, match=message):
        LogisticRegression(class_weight=class_weight).fit(X, y)
