"""From what a user passes to `fit` to what an objective needs; every refusal names the row and the column."""

import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, check_array, column_or_1d, validate_data

from multilogit._arrays import Array, Float64, Integers
from multilogit._threads import single_threaded_blas
from multilogit.errors import InputError
from multilogit.estimators.parameters import LARGEST, SMALLEST

__all__ = ["TrainingData", "check_design", "column_name", "encode", "is_plain", "read_training_data"]

_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
_LARGEST, _TINIEST = np.float64(1e100), np.float64(1e-100)  # a square times weights must neither over- nor underflow
_HEAD = 8


@dataclass(frozen=True)
class TrainingData:
    """Design (N, D), labels (N,) as indices into ``classes``, weights (N,) and the classes that have weight."""

    X: Any
    labels: Integers
    classes: Array
    weight: Float64
    present: Array


def read_training_data(
    estimator: Any, X: Any, y: Any, sample_weight: Any, class_weight: Any, *, reset: bool = True
) -> TrainingData:
    """Check everything and return the training data; ``reset`` records the features on the estimator."""
    X = check_design(estimator, X, reset=reset)
    _refuse_tiny_column(estimator, X)
    classes, labels = _plain_labels(y, X.shape[0]) or _checked_labels(y, X.shape[0])
    weight = _sample_weight(sample_weight, X.shape[0])
    present = np.ones(len(classes), dtype=bool)
    if sample_weight is not None or class_weight is not None:
        weight = weight * _class_weight(class_weight, classes, labels, weight)[labels]
        present = np.bincount(labels, weights=weight, minlength=len(classes)) > 0
    if present.sum() < 2:
        seen = ", ".join(repr(label) for label in classes[present].tolist())
        beside = "" if len(classes) == present.sum() else " with positive weight"
        raise InputError(
            f"y must hold at least two classes{beside}. Got one class: {seen}. "
            "Check the target column, or a filter before it."
        )
    return TrainingData(X, labels, classes, weight, present)


def _plain_labels(y: Any, n_rows: int) -> tuple[Array, Integers] | None:
    """Return `encode` of an exact array of integers, truth values or text, which scikit-learn's checks would pass.

    None where they could change y, refuse it or warn: of many classes they do.
    """
    if type(y) is not np.ndarray or y.shape != (n_rows,) or y.dtype.kind not in "biuU":
        return None
    classes, labels = encode(y)
    return (classes, labels) if 2 * len(classes) < n_rows else None


def _checked_labels(y: Any, n_rows: int) -> tuple[Array, Integers]:
    """Return `encode` of y (N,) after scikit-learn's checks and ours."""
    if y is None:
        raise InputError("fit requires y to be passed, but the target y is None. Pass one class label per row of X.")
    y = _labels(y)
    y = _check_y(y) if y.dtype.kind in "fc" else y
    check_classification_targets(y)
    if len(y) != n_rows:
        raise InputError(f"X and y must have the same number of rows. Got {n_rows} and {len(y)}.")
    return encode(y)


def encode(y: Array) -> tuple[Array, Integers]:
    """Return the classes (K,), sorted, and the labels (N,) as indices into them.

    Integers of a range no wider than their number are counted, which is cheaper than to sort them.
    """
    if y.dtype.kind in "biu" and len(y):
        low, high = int(y.min()), int(y.max())
        if high - low < max(len(y), 256) and max(-low, high) < 2**62:
            index = np.subtract(y, low, dtype=np.int64, casting="unsafe")
            seen = np.bincount(index) > 0
            classes = (np.flatnonzero(seen) + low).astype(y.dtype)
            return classes, index if len(classes) == len(seen) else (np.cumsum(seen) - 1)[index]
    classes, index = np.unique(y, return_inverse=True)
    return classes, index


def _labels(y: Any) -> Array:
    """Return y (N,), whose labels can be told apart and put in order."""
    shape = np.asarray(y).shape
    if len(shape) == 2 and shape[1] > 1:
        raise InputError(
            f"y should be a 1d array of class labels, got an array of shape {shape} instead. Distributions over "
            "classes are not accepted yet; pass one label per row."
        )
    y = column_or_1d(y, warn=True)
    if y.dtype.kind != "O":
        return np.asarray(y)
    for row, label in enumerate(y):
        if label is None or label != label:  # noqa: PLR0124  (NaN)
            raise InputError(f"y must hold a label in every row. Got {label!r} in row {row}. Drop the row.")
        if isinstance(label, str) != isinstance(y[0], str):
            raise InputError(
                f"The labels of y must be of one kind. Got {y[0]!r} in row 0 and {label!r} in row {row}. "
                "Convert them all, for example to text."
            )
    return np.asarray(y)


def check_design(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Return X as a finite float32 or float64 array or CSR matrix, with scikit-learn's checks of shape and names."""
    if reset and is_plain(X):
        _record_features(estimator, X)
    else:
        X = _validated(estimator, X, reset=reset)
    values = X.data if sparse.issparse(X) else X
    # One pass that needs no array: NaN and infinities survive a sum of squares only as such, and so does overflow.
    with np.errstate(over="ignore", invalid="ignore"), single_threaded_blas():  # waking BLAS's threads takes longer
        flat = values.ravel(order="K")
        suspicious = not np.isfinite(np.dot(flat, flat))
    if suspicious:
        _refuse_bad_value(estimator, X)
    return X


def is_plain(X: Any) -> bool:
    """Return whether X is an exact array that scikit-learn's checks would pass on as it is, whatever its values."""
    return type(X) is np.ndarray and X.ndim == 2 and X.dtype in _FLOATS and X.size > 0 and X.flags.aligned


def _record_features(estimator: Any, X: Array) -> None:
    """Record the features of an array, which have no names, as scikit-learn does."""
    if hasattr(estimator, "feature_names_in_"):
        del estimator.feature_names_in_
    estimator.n_features_in_ = X.shape[1]


def _validated(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Return X after scikit-learn's checks, aligned, as the kernels need it."""
    try:
        X = validate_data(
            estimator, X, accept_sparse="csr", dtype=[np.float64, np.float32], ensure_all_finite=False, reset=reset
        )
    except ValueError as error:
        if "could not convert" in str(error):
            _refuse_text(estimator, X, error)
        raise
    return X if sparse.issparse(X) else np.require(X, requirements="A")


def _refuse_text(estimator: Any, X: Any, error: ValueError) -> None:
    """Raise for the first value of X that is text and no number."""
    for (row, column), value in np.ndenumerate(np.asarray(X, dtype=object)):
        try:
            float(value)
        except ValueError:
            raise InputError(
                f"X must hold numbers. Got {value!r} in row {row}, column {column_name(estimator, column)!r}. "
                "Encode the column (sklearn.preprocessing.OneHotEncoder) or leave it out."
            ) from error


def column_name(estimator: Any, index: int) -> str:
    """Return the name of a feature, as scikit-learn would print it."""
    names = getattr(estimator, "feature_names_in_", None)
    return f"x{index}" if names is None else str(names[index])


def _refuse_bad_value(estimator: Any, X: Any) -> None:
    """Raise for the first value that is not finite, or so large that its square would overflow."""
    if sparse.issparse(X):
        coordinates = X.tocoo()
        rows, columns, values = coordinates.row, coordinates.col, coordinates.data
        bad = np.flatnonzero(~(np.abs(values) <= _LARGEST))
        found = [(int(rows[i]), int(columns[i]), values[i]) for i in bad[:1]]
    else:
        found = [(int(i), int(j), X[i, j]) for i, j in np.argwhere(~(np.abs(X) <= _LARGEST))[:1]]
    for row, column, value in found:
        where = f"row {row}, column {column_name(estimator, column)!r}"
        if np.isfinite(value):
            raise InputError(
                f"Values of X must stay below {_LARGEST:g} in size, because their squares must be finite. "
                f"Got {value:g} in {where}. Divide the column by a constant."
            )
        kind = "NaN" if np.isnan(value) else "infinity"
        raise InputError(
            f"Input X contains {kind} in {where}; every value must be finite. "
            "Drop the row, or fill the value in (sklearn.impute.SimpleImputer)."
        )


def _refuse_tiny_column(estimator: Any, X: Any) -> None:
    """Raise for a column whose values are not all zero but so small that their squares vanish."""
    if X.shape[0] == 0 or X.shape[1] == 0:
        return
    if sparse.issparse(X):
        columns = np.arange(X.shape[1])
        low, high = X.min(axis=0).toarray().ravel(), X.max(axis=0).toarray().ravel()
    else:  # a few rows clear most columns
        suspicious = np.abs(X[:_HEAD]).max(axis=0) < _TINIEST
        if not suspicious.any():
            return
        columns = np.flatnonzero(suspicious)
        low, high = X[:, columns].min(axis=0), X[:, columns].max(axis=0)
    size = np.maximum(-low.astype(np.float64), high)
    for tiny in np.flatnonzero((size > 0) & (size < _TINIEST))[:1]:
        column = columns[tiny]
        raise InputError(
            f"A column of X must be zero throughout or reach {_TINIEST:g} in size: its squares must not vanish. Got "
            f"at most {size[tiny]:g} in column {column_name(estimator, int(column))!r}. Multiply it by a constant."
        )


def _sample_weight(sample_weight: Any, n_rows: int) -> Float64:
    if sample_weight is None:
        return np.ones(n_rows)
    weight = check_array(
        sample_weight, ensure_2d=False, ensure_all_finite=False, dtype=np.float64, input_name="sample_weight"
    )
    if weight.ndim == 0:
        weight = np.full(n_rows, float(weight))
    if weight.ndim != 1:
        raise InputError(f"Sample weights must be 1D array or scalar. Got an array of shape {weight.shape}.")
    if weight.shape != (n_rows,):
        raise InputError(f"sample_weight must have one value per row of X, {n_rows}. Got {len(weight)}.")
    bad = np.flatnonzero(~(weight >= 0) | np.isinf(weight))
    if len(bad):
        raise InputError(
            f"sample_weight must be finite and 0 or more. Got {weight[bad[0]]:g} in row {bad[0]}. "
            "Give a row weight 0 to leave it out."
        )
    bad = np.flatnonzero((weight > 0) & ((weight < SMALLEST) | (weight > LARGEST)))
    if len(bad):
        raise InputError(
            f"A positive sample_weight must lie between {SMALLEST:g} and {LARGEST:g}. Got {weight[bad[0]]:g} in row "
            f"{bad[0]}. Multiply all weights by a constant, or give the row weight 0."
        )
    if not weight.any():
        raise InputError("sample_weight must be positive somewhere. Got zero for every row.")
    return np.asarray(weight)


def _class_weight(class_weight: Any, classes: Array, labels: Integers, weight: Float64) -> Float64:
    """Return one factor per class; 'balanced' gives every class that has weight the same total."""
    if class_weight is None:
        return np.ones(len(classes))
    if isinstance(class_weight, str) and class_weight == "balanced":
        totals = np.bincount(labels, weights=weight, minlength=len(classes))
        share: Float64 = weight.sum() / (totals > 0).sum()
        return np.asarray(np.divide(share, totals, out=np.zeros_like(totals), where=totals > 0))
    if not isinstance(class_weight, dict):
        raise InputError(f"class_weight must be None, 'balanced' or a dict. Got {class_weight!r}.")
    index = {label: k for k, label in enumerate(classes.tolist())}
    factors = np.ones(len(classes))
    for label, value in class_weight.items():
        if label not in index:
            raise InputError(
                f"class_weight has the key {label!r}, which is no class of y. The classes are {list(index)}."
            )
        number = float(value) if isinstance(value, numbers.Real) else np.nan
        if not (number == 0 or SMALLEST <= number <= LARGEST):
            raise InputError(
                f"class_weight[{label!r}] must be 0 or lie between {SMALLEST:g} and {LARGEST:g}. Got {value!r}."
            )
        factors[index[label]] = number
    return factors
