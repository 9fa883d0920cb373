"""Two gates with one behaviour, one row with the bits of its batch, and coefficients that may change at any time."""

import copy
import os
import pickle
import subprocess
import sys
import threading
import warnings
from functools import cache

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression

from multilogit import LogisticRegression, _kernels
from multilogit.estimators import prediction

METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function")
rng = np.random.default_rng(0)


@cache
def fitted_once(K, D, dtype):
    generator = np.random.default_rng(K)
    X = (generator.normal(size=(4 * K + 40, D)) + 5.0).astype(dtype)
    y = (X[:, :1] * np.arange(K) + 3 * generator.normal(size=(len(X), K))).argmax(axis=1)
    y[:K] = np.arange(K)
    return LogisticRegression(tol=1e-3).fit(X, y)


def fitted(K=3, D=4, dtype=np.float64):
    """Return a fitted model of one's own."""
    return copy.deepcopy(fitted_once(K, D, dtype))


@cache
def scikit_learns():
    X = np.random.default_rng(0).normal(size=(40, 4))
    return SklearnLogisticRegression().fit(X, np.arange(40) % 3)


def outcome(function, X):
    """Return what a call gives, raises and warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function(X)
            end = (result.dtype, result.shape, result.tobytes())
        except Exception as error:
            end = (type(error), str(error))
    return end, [(each.category, str(each.message)) for each in caught]


class Frozen(np.ndarray):
    """A subclass of ndarray, which the fast gate leaves to scikit-learn."""


def with_value(value):
    X = rng.normal(size=(5, 4))
    X[3, 2] = value
    return X


def unaligned():
    raw = bytearray(8 * 20 + 1)
    X = np.frombuffer(raw, dtype=np.float64, count=20, offset=1).reshape(5, 4)
    X[:] = rng.normal(size=(5, 4))
    return X


Z = rng.normal(size=(5, 4))
INPUTS = {
    "array": Z,
    "one row": Z[:1],
    "float32": Z.astype(np.float32),
    "float16": Z.astype(np.float16),
    "long double": Z.astype(np.longdouble),
    "integers": np.arange(20).reshape(5, 4),
    "booleans": Z > 0,
    "complex": Z + 1j,
    "objects": Z.astype(object),
    "text objects": np.array([["a", 1, 2, 3]], dtype=object),
    "strings": Z.astype(str),
    "words": np.array([["a", "b", "c", "d"]]),
    "big-endian": Z.astype(">f8"),
    "columns first": np.asfortranarray(Z),
    "every other row and column": np.repeat(np.repeat(Z, 2, axis=0), 2, axis=1)[::2, ::2],
    "backwards": Z[::-1, ::-1],
    "repeated": np.broadcast_to(Z[:1], (5, 4)),
    "unaligned": unaligned(),
    "packed records": np.ones(3, dtype=[("a", "i1"), ("b", "f8", 4)])["b"],
    "subclass": Z.view(Frozen),
    "matrix": Z.view(np.matrix),
    "masked": np.ma.masked_array(Z, Z > 1),
    "list": Z.tolist(),
    "frame": pd.DataFrame(Z),
    "named frame": pd.DataFrame(Z, columns=list("abcd")),
    "csr": sparse.csr_array(Z),
    "csc": sparse.csc_matrix(Z),
    "one column less": Z[:, :3],
    "one column more": np.hstack([Z, Z[:, :1]]),
    "no rows": Z[:0],
    "no columns": Z[:, :0],
    "one-dimensional": Z[0],
    "three-dimensional": Z[None],
    "scalar": np.array(1.0),
    "number": 1.0,
    "nothing": None,
    "NaN": with_value(np.nan),
    "infinity": with_value(np.inf),
    "minus infinity": with_value(-np.inf),
    "float32 NaN": with_value(np.nan).astype(np.float32),
    "large": with_value(1e120),
    "too large": with_value(1e200),
}


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize(("method", "dtype"), [*((m, np.float64) for m in METHODS), ("predict_proba", np.float32)])
def test_both_gates_give_the_same_bits_errors_and_warnings(monkeypatch, name, method, dtype):
    model = fitted(dtype=dtype)
    quick = outcome(getattr(model, method), INPUTS[name])
    monkeypatch.setattr(prediction, "_fast", lambda *_: None)
    assert quick == outcome(getattr(model, method), INPUTS[name])


# What is no number, not finite or too large, multilogit refuses in its own words; numbers as text it reads.
OWN = {"text objects", "strings", "words", "nothing", "too large"}
OWN |= {name for name in INPUTS if name.endswith(("NaN", "infinity"))}


@pytest.mark.parametrize("name", sorted(INPUTS.keys() - OWN))
def test_everything_else_is_accepted_or_refused_as_by_scikit_learn(name):
    end, heard = outcome(fitted().predict_proba, INPUTS[name])
    expected, warned = outcome(scikit_learns().predict_proba, INPUTS[name])
    assert end[1] == expected[1]  # the words of an error, or a shape
    assert isinstance(end[0], type) == isinstance(expected[0], type)
    assert heard == warned


@pytest.mark.parametrize("method", METHODS)
def test_feature_names_are_asked_for(method):
    X = pd.DataFrame(rng.normal(size=(40, 4)), columns=list("abcd"))
    model = LogisticRegression().fit(X, np.arange(40) % 3)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        unnamed = getattr(model, method)(X.to_numpy())
    assert np.array_equal(unnamed, getattr(model, method)(X))


@pytest.mark.parametrize("method", METHODS)
def test_not_fitted(method):
    with pytest.raises(NotFittedError):
        getattr(LogisticRegression(), method)(Z)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_fast_gate_is_taken(monkeypatch, method, dtype):
    model = fitted(dtype=dtype)
    monkeypatch.setattr(prediction, "_checked", None)
    for X in (Z.astype(dtype), np.asfortranarray(Z), Z[::2, :]):
        getattr(model, method)(X)


def levels():
    return ["reference"] if _kernels.native is None else _kernels.native.levels()


@pytest.fixture(params=levels())
def level(request):
    """Run the test on every level of the machine."""
    if _kernels.native is None:
        yield
        return
    before = _kernels.native.level()
    _kernels.native.select_level(request.param)
    yield
    _kernels.native.select_level(before)


@pytest.mark.usefixtures("level")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("D", "K"), [(1, 2), (4, 3), (37, 2), (130, 11), (9, 40)])
def test_a_row_has_the_bits_of_its_batch(D, K, dtype):
    model = fitted(K, D, dtype)
    X = (rng.normal(size=(300, D)) + 5.0).astype(dtype)
    layouts = [np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2], X[::-1][::-1]]
    for method in METHODS:
        predict = getattr(model, method)
        batch = predict(X)
        assert batch.dtype == (np.int64 if method == "predict" else dtype)
        assert all(np.array_equal(predict(other), batch) for other in layouts)
        for start, stop in [(0, 1), (17, 18), (299, 300), (5, 20), (16, 33), (1, 258)]:
            assert np.array_equal(predict(X[start:stop]), batch[start:stop])


@pytest.mark.parametrize("answer", ["scores", "softmax", "log_softmax", "argmax"])
def test_threads_do_not_change_a_bit(monkeypatch, answer):
    monkeypatch.setattr(prediction, "_SERIAL", 0)
    X = rng.normal(size=(20_000, 5))
    model = fitted(4, 5)
    one, three = (prediction.predicted(model.set_params(n_jobs=n), X, answer) for n in (1, 3))
    assert np.array_equal(one, three)


def test_python_threads_predict_at_once():
    model, X = fitted(), rng.normal(size=(50_000, 4))
    expected, wrong = model.predict_proba(X), []

    def work():
        for _ in range(5):
            if not np.array_equal(model.predict_proba(X), expected):
                wrong.append(True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csc_array])
@pytest.mark.parametrize("K", [2, 3])
def test_a_sparse_row_has_the_bits_of_its_batch(container, K):
    model = fitted(K, 30)
    X = sparse.random_array((200, 30), density=0.3, rng=np.random.default_rng(1), format="csr")
    for method in METHODS:
        batch = getattr(model, method)(container(X))
        for i in (0, 77, 199):
            assert np.array_equal(getattr(model, method)(container(X[[i]])), batch[[i]])


def test_reference_kernels_give_a_row_the_bits_of_its_batch():
    environment = {**os.environ, "MULTILOGIT_KERNELS": "reference"}
    tests = [f"{__file__}::test_a_row_has_the_bits_of_its_batch", "-k", "4-3 or 37-2"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert answer.returncode == 0, answer.stdout
    assert "4 passed" in answer.stdout


CHANGES = {
    "coef in place": lambda model: model.coef_.__setitem__((0, 0), 0.5),
    "one ulp": lambda model: model.coef_.__setitem__((1, 1), np.nextafter(model.coef_[1, 1], 9)),
    "intercept in place": lambda model: model.intercept_.__iadd__(1.0),
    "coef replaced": lambda model: setattr(model, "coef_", model.coef_ + 1.0),
    "coef of other type": lambda model: setattr(model, "coef_", np.rint(model.coef_).astype(int)),
    "intercept replaced": lambda model: setattr(model, "intercept_", np.zeros(3)),
    "intercept a number": lambda model: setattr(model, "intercept_", 0.25),
    "intercept a list": lambda model: setattr(model, "intercept_", [1.0, 2.0, 3.0]),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("first", [True, False])
def test_changed_coefficients_predict(name, first):
    model = fitted()
    if first:
        model.predict(Z)
    before = model.decision_function(Z)
    CHANGES[name](model)
    for _ in range(2):
        np.testing.assert_allclose(model.decision_function(Z), Z @ model.coef_.T + model.intercept_, rtol=1e-9)
    assert not np.array_equal(model.decision_function(Z), before)


def test_changing_back_predicts_the_bits_of_the_fit():
    model = fitted()
    before, kept = model.predict_proba(Z), model.coef_.copy()
    model.coef_ *= 2
    assert not np.array_equal(model.predict_proba(Z), before)
    model.coef_[...] = kept
    assert np.array_equal(model.predict_proba(Z), before)


def test_changed_centre_predicts():
    model = fitted()
    model.centre_[1] += 1.0
    expected = (Z - model.centre_) @ model.coef_.T + model.centred_intercept_
    np.testing.assert_allclose(model.decision_function(Z), expected, rtol=1e-12)
    model.centred_intercept_ = model.centred_intercept_ + 1.0
    np.testing.assert_allclose(model.decision_function(Z), expected + 1.0, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_equal_coefficients_in_another_form_keep_the_bits(dtype):
    model = fitted(dtype=dtype)
    before = model.decision_function(Z)
    model.coef_ = np.asfortranarray(model.coef_)
    assert np.array_equal(model.decision_function(Z), before)
    model.coef_ = model.coef_.astype(np.longdouble)
    assert np.array_equal(model.decision_function(Z), before)
    assert np.array_equal(model.sparsify().decision_function(Z), before)
    assert np.array_equal(model.densify().decision_function(Z), before)


@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_copies_predict_the_same_bits_and_are_independent(used, dtype, tmp_path):
    model = fitted(dtype=dtype)
    if used:
        model.predict(Z)
    joblib.dump(model, tmp_path / "model.joblib")
    copies = [
        pickle.loads(pickle.dumps(model)),
        copy.copy(model),
        copy.deepcopy(model),
        joblib.load(tmp_path / "model.joblib"),
    ]
    expected = model.decision_function(Z)
    assert joblib.hash(model) == joblib.hash(copies[0])
    for other in copies:
        assert np.array_equal(other.decision_function(Z), expected)
        assert np.array_equal(other.decision_function(Z), expected)
    copies[2].coef_ += 1.0
    assert np.array_equal(model.decision_function(Z), expected)
    with pytest.raises(NotFittedError):
        clone(model).predict(Z)


def test_a_second_fit_and_other_parameters():
    model = fitted()
    before = model.predict_proba(Z)
    assert np.array_equal(model.set_params(C=7.0, n_jobs=2).predict_proba(Z), before)
    model.fit(rng.normal(size=(30, 2)), np.arange(30) % 2)
    assert model.predict_proba(Z[:, :2]).shape == (5, 2)
    with pytest.raises(ValueError, match="X has 4 features, but LogisticRegression is expecting 2"):
        model.predict_proba(Z)


def test_a_class_without_weight():
    X, y = rng.normal(size=(60, 4)), np.arange(60) % 4
    model = LogisticRegression().fit(X, y, sample_weight=(y != 2).astype(float))
    assert not model.predict_proba(X)[:, 2].any()
    assert np.isneginf(model.predict_log_proba(X)[:, 2]).all()
    assert 2 not in model.predict(X)
    assert np.array_equal(model.predict_proba(X[7:8]), model.predict_proba(X)[7:8])


def test_two_equal_scores_are_the_first_class():
    model = LogisticRegression()
    model.coef_, model.intercept_, model.classes_ = np.zeros((3, 4)), np.zeros(3), np.array(["a", "b", "c"])
    model.n_features_in_ = 4
    assert model.predict(Z).tolist() == ["a"] * 5
    model.coef_, model.intercept_, model.classes_ = np.zeros((1, 4)), np.zeros(1), np.array(["a", "b"])
    assert model.predict(Z).tolist() == ["a"] * 5


@pytest.mark.parametrize("method", METHODS)
def test_scores_beyond_float32_are_announced(method):
    X = np.array([[1e-3], [2e-3], [3e-3], [4e-3]], dtype=np.float32)
    model = LogisticRegression(C=1e6).fit(X, [0, 1, 0, 1])
    with pytest.warns(RuntimeWarning, match="beyond the range of float32"):
        getattr(model, method)(np.array([[3e38]], dtype=np.float32))
    getattr(model, method)(np.array([[3e38]]))
