"""What `fit` reads: two gates with one behaviour, for X and for y, and labels that are counted or sorted."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression

from multilogit import LogisticRegression
from multilogit.estimators import training_data
from multilogit.estimators.training_data import encode

N = 36
rng = np.random.default_rng(0)
Z = rng.normal(size=(N, 3))
T = np.arange(N) % 3


def with_value(value):
    X = Z.copy()
    X[5, 1] = value
    return X


def unaligned():
    X = np.frombuffer(bytearray(8 * Z.size + 1), dtype=np.float64, count=Z.size, offset=1).reshape(Z.shape)
    X[:] = Z
    return X


DESIGNS = {
    "array": Z,
    "float32": Z.astype(np.float32),
    "columns first": np.asfortranarray(Z),
    "strided": np.repeat(Z, 2, axis=1)[:, ::2],
    "read-only": np.broadcast_to(Z, Z.shape),
    "unaligned": unaligned(),
    "integers": np.rint(3 * Z).astype(int),
    "big-endian": Z.astype(">f8"),
    "matrix": Z.view(np.matrix),
    "list": Z.tolist(),
    "named frame": pd.DataFrame(Z, columns=list("abc")),
    "one-dimensional": Z[:, 0],
    "three-dimensional": Z[None],
    "no rows": Z[:0],
    "no columns": Z[:, :0],
    "one row less": Z[1:],
    "NaN": with_value(np.nan),
    "infinity": with_value(np.inf),
    "float32 NaN": with_value(np.nan).astype(np.float32),
    "too large": with_value(1e200),
    "tiny column": Z * np.array([1.0, 1e-120, 1.0]),
    "tiny but for one": np.where(np.arange(N)[:, None] == 30, Z, Z * np.array([1.0, 1e-120, 1.0])),
    "zero column": Z * np.array([1.0, 0.0, 1.0]),
}
WORDS = np.array(["wolf", "ant", "bee"])
TARGETS = {
    "integers": T,
    "small integers": T.astype(np.int8) * 120 - 120,
    "unsigned": T.astype(np.uint64) + 2**63,
    "far apart": T * 10**12,
    "shifted": T - 10**15,
    "big-endian": T.astype(">i4"),
    "strided": np.repeat(T, 2)[::2],
    "truth": T > 0,
    "text": WORDS[T],
    "objects": WORDS.astype(object)[T],
    "mixed objects": np.array(["a", 1] * (N // 2), dtype=object),
    "None": np.array(["a", None] * (N // 2), dtype=object),
    "bytes": WORDS.astype("S")[T],
    "floats": T.astype(float),
    "float32": T.astype(np.float32),
    "NaN": np.where(T > 0, T, np.nan),
    "fractions": T + 0.5,
    "complex": T + 0j,
    "dates": np.datetime64("2020-01-01") + T,
    "list": T.tolist(),
    "series": pd.Series(WORDS[T]),
    "column": T[:, None],
    "row": T[None, :],
    "two columns": np.stack([T, T], axis=1),
    "one class": np.zeros(N, int),
    "as many classes as rows": np.arange(N),
    "half as many": np.arange(N) // 2,
    "nearly half as many": np.minimum(np.arange(N) // 2, N // 2 - 2),
    "one row less": T[1:],
    "no rows": T[:0],
    "a number": 1,
    "nothing": None,
}


def outcome(X, y, **weights):
    """Return what a fit leaves, raises and warns, after one on named columns."""
    model = LogisticRegression(tol=1e-2, C=0.01)
    model.feature_names_in_ = np.array(["old"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model.fit(X, y, **weights)
            shown = [np.asarray(getattr(model, name)) for name in ("coef_", "intercept_", "classes_", "centre_")]
            end = [(array.dtype, array.shape, array.tolist()) for array in shown]
            end += [model.n_features_in_, getattr(model, "feature_names_in_", None) is None]
        except Exception as error:
            end = [type(error), str(error)]
    return end, [(each.category, str(each.message)) for each in caught]


CASES = [*((name, "integers") for name in DESIGNS), *(("array", name) for name in TARGETS)]


@pytest.mark.parametrize(("design", "target"), CASES)
def test_both_gates_leave_the_same_raise_the_same_and_warn_the_same(monkeypatch, design, target):
    quick = outcome(DESIGNS[design], TARGETS[target])
    monkeypatch.setattr(training_data, "is_plain", lambda _: False)
    monkeypatch.setattr(training_data, "_plain_labels", lambda *_: None)
    monkeypatch.setattr(training_data, "encode", lambda y: np.unique(y, return_inverse=True))
    assert quick == outcome(DESIGNS[design], TARGETS[target])


@pytest.mark.parametrize("design", ["array", "float32", "columns first", "strided", "read-only", "tiny but for one"])
@pytest.mark.parametrize("target", ["integers", "small integers", "unsigned", "far apart", "truth", "text"])
def test_ordinary_arrays_take_the_fast_gates(monkeypatch, design, target):
    monkeypatch.setattr(training_data, "_validated", None)
    monkeypatch.setattr(training_data, "_checked_labels", None)
    data = training_data.read_training_data(LogisticRegression(), DESIGNS[design], TARGETS[target], None, None)
    assert data.X is DESIGNS[design]
    assert np.array_equal(data.classes[data.labels], TARGETS[target])
    assert data.weight.tolist() == [1.0] * N
    assert data.present.all()


@pytest.mark.parametrize("name", ["two columns", "fractions", "column", "as many classes as rows", "bytes", "complex"])
def test_targets_are_accepted_or_refused_as_by_scikit_learn(name):
    ours, heard = outcome(Z, TARGETS[name])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            SklearnLogisticRegression().fit(Z, TARGETS[name])
        except (ValueError, TypeError):
            assert isinstance(ours[0], type)
            return
    assert not isinstance(ours[0], type)
    assert heard == [(each.category, str(each.message)) for each in caught]


def test_the_fit_of_an_unaligned_array_is_that_of_its_copy():
    expected = LogisticRegression().fit(Z, T)
    assert np.array_equal(LogisticRegression().fit(DESIGNS["unaligned"], T).coef_, expected.coef_)


@given(
    st.lists(st.integers(-130, 130), max_size=40),
    st.sampled_from([0, 10**6, -(2**62), 2**62, -(2**63), 2**63 - 131]),
)
def test_counted_labels_are_sorted_labels(values, offset):
    low, high = -(2**63), 2**63 - 1
    y = np.array([min(max(value + offset, low), high) for value in values], dtype=np.int64)
    classes, labels = encode(y)
    expected, inverse = np.unique(y, return_inverse=True)
    assert classes.dtype == y.dtype
    assert np.array_equal(classes, expected)
    assert np.array_equal(labels, inverse)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4", "?"])
def test_labels_of_every_integer_type(dtype):
    information = np.iinfo(dtype) if dtype != "?" else None
    ends = [0, 1] if information is None else [information.min, information.max]
    for values in ([*ends, *ends], [ends[0]] * 3, [ends[1]] * 3):
        y = np.array(values, dtype=dtype)
        classes, labels = encode(y)
        assert classes.dtype == y.dtype
        assert np.array_equal(classes, np.unique(y))
        assert np.array_equal(classes[labels], y)


def test_a_tiny_column_is_named():
    message = "reach 1e-100 in size.*in column 'x1'"
    with pytest.raises(ValueError, match=message):
        LogisticRegression().fit(DESIGNS["tiny column"], T)
    assert re.search(message, outcome(DESIGNS["tiny column"], T)[0][1])
