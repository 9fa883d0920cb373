"""Targets: class labels, or one distribution over the classes per row."""

import numbers
import operator

import numpy as np

from multilogit._arrays import Array, ArrayLike, Float64
from multilogit.errors import InputError
from multilogit.functional._inputs import as_array, as_floats, place

__all__ = ["as_distributions", "one_hot", "smooth"]

SUM_TOLERANCE = 1e-6


def _as_labels(name: str, labels: Array, K: int) -> Array:
    if labels.dtype.kind not in "biu":
        raise TypeError(
            f"{name} must be integer labels 0, ..., K - 1. Got dtype {labels.dtype}. "
            "Convert whole numbers with .astype(int), names with numpy.unique(..., return_inverse=True)."
        )
    labels = labels.astype(np.uint8) if labels.dtype.kind == "b" else labels
    bad = np.argwhere((labels < 0) | (labels >= K))
    if len(bad):
        index = tuple(bad[0])
        raise InputError(
            f"{name} must lie between 0 and {K - 1}, for {K} classes. Got {labels[index]} in {place(index)}. "
            "Count the classes from 0."
        )
    return labels


def one_hot(labels: ArrayLike, n_classes: int) -> Float64:
    """One-hot rows: y_k = 1 where k is the label, else 0.

    Parameters
    ----------
    labels : array-like of integers, any shape (...)
        Labels 0, ..., n_classes - 1.
    n_classes : int
        K, the number of classes, at least 1.

    Returns
    -------
    ndarray of shape (..., n_classes), float64
        One 1 in each row.

    Raises
    ------
    InputError
        A label is out of range (the message names the row and the value), or n_classes < 1.
    TypeError
        The labels are no integers.

    References
    ----------
    Bishop, C. M. (2006). Pattern Recognition and Machine Learning, 4.1.3 (1-of-K coding). Springer.

    Examples
    --------
    >>> from multilogit.functional import one_hot
    >>> print(one_hot([2, 0], 3))
    [[0. 0. 1.]
     [1. 0. 0.]]
    """
    try:
        K = operator.index(n_classes)
    except TypeError:
        raise TypeError(f"n_classes must be an integer. Got {n_classes!r}.") from None
    if K < 1:
        raise InputError(f"n_classes must be at least 1. Got {K}.")
    array = as_array("labels", labels)
    array = array.astype(np.intp) if array.size == 0 else _as_labels("labels", array, K)
    Y: Float64 = (array[..., None] == np.arange(K)).astype(np.float64)
    return Y


def as_distributions(targets: ArrayLike, shape: tuple[int, ...]) -> Float64:
    """Targets for logits of `shape` (..., K) as distributions Y of that shape.

    Targets of shape (...) are labels; targets of shape (..., K) are distributions.
    """
    array = as_array("targets", targets)
    if array.shape == shape[:-1]:
        return one_hot(_as_labels("targets", array, shape[-1]) if array.size else array, shape[-1])
    if array.shape != shape:
        raise InputError(
            f"targets must be labels of shape {shape[:-1]} or distributions of shape {shape}, to go with "
            f"{shape[-1]} classes. Got shape {array.shape}."
        )
    Y = as_floats("targets", array).astype(np.float64, copy=False)
    bad = np.argwhere(~(Y >= 0))
    if len(bad):
        index = tuple(bad[0])
        raise InputError(
            f"Distributions in targets must not be negative. Got {Y[index]} in {place(index[:-1])}, column {index[-1]}."
        )
    total = Y.sum(axis=-1)
    tolerance = max(SUM_TOLERANCE, 8 * float(np.finfo(array.dtype).eps)) if array.dtype.kind == "f" else 0.0
    bad = np.argwhere(~(np.abs(total - 1) <= tolerance))
    if len(bad):
        index = tuple(bad[0])
        raise InputError(
            f"Distributions in targets must sum to 1. Got {total[index]:.9g} in {place(index)}. "
            "Divide each row by its sum, and pass row totals as sample_weight."
        )
    return Y


def smooth(Y: Float64, label_smoothing: float) -> Float64:
    """Return (1 - e) Y + e / K."""
    if not isinstance(label_smoothing, numbers.Real):
        raise TypeError(f"label_smoothing must be a number. Got {label_smoothing!r}.")
    if not 0 <= label_smoothing <= 1:
        raise InputError(f"label_smoothing must lie between 0 and 1. Got {label_smoothing!r}.")
    e = float(label_smoothing)
    return Y if e == 0 else (1 - e) * Y + e / Y.shape[-1]
