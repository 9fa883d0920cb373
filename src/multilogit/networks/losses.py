"""Losses: what training makes small.

A loss is given to `Sequential.compile` by name, as one of these functions, or as an object with options. Training
computes it together with the last activation where they belong together (softmax and categorical cross-entropy, sigmoid
and binary cross-entropy): the derivative is then P - Y, and no probability is ever clipped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from multilogit._arrays import ArrayLike, Float64, Floats
from multilogit._kernels.losses import LOSSES
from multilogit.errors import InputError
from multilogit.networks._words import choose

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A loss with its options; called with targets and outputs it returns the mean over the rows.

    Parameters
    ----------
    name : str
    """

    name: str = "loss"

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return ``sum_i w_i loss_i / N``."""
        values = self.of_rows(y_true, y_pred)
        weights = np.ones(len(values)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64).ravel()
        return float((values * weights).mean())

    def of_rows(self, y_true: ArrayLike, y_pred: ArrayLike) -> Float64:
        """Return the loss of each row (N,)."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class MeanSquaredError(Loss):
    """The mean over the outputs of (p - y)^2."""

    name: str = "mean_squared_error"

    def of_rows(self, y_true: ArrayLike, y_pred: ArrayLike) -> Float64:
        """Return the loss of each row (N,)."""
        return mean_squared_error(y_true, y_pred)


@dataclass(frozen=True, kw_only=True)
class BinaryCrossentropy(Loss):
    """The mean over the outputs of -y log p - (1 - y) log(1 - p).

    Parameters
    ----------
    from_logits : bool
        The outputs are logits z, and p = sigmoid(z).
    label_smoothing : float in [0, 1]
        Targets become ``y (1 - s) + s / 2``.
    name : str
    """

    from_logits: bool = False
    label_smoothing: float = 0.0
    name: str = "binary_crossentropy"

    def __post_init__(self) -> None:
        _check_smoothing(self.label_smoothing)

    def of_rows(self, y_true: ArrayLike, y_pred: ArrayLike) -> Float64:
        """Return the loss of each row (N,)."""
        return binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)


@dataclass(frozen=True, kw_only=True)
class CategoricalCrossentropy(Loss):
    """-sum_k y_k log p_k, the targets being rows of K probabilities or one-hot.

    Parameters
    ----------
    from_logits : bool
        The outputs are logits z, and p = softmax(z); else p is what comes over its sum.
    label_smoothing : float in [0, 1]
        Targets become ``y (1 - s) + s / K``.
    name : str
    """

    from_logits: bool = False
    label_smoothing: float = 0.0
    name: str = "categorical_crossentropy"

    def __post_init__(self) -> None:
        _check_smoothing(self.label_smoothing)

    def of_rows(self, y_true: ArrayLike, y_pred: ArrayLike) -> Float64:
        """Return the loss of each row (N,)."""
        return categorical_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)


@dataclass(frozen=True, kw_only=True)
class SparseCategoricalCrossentropy(Loss):
    """-log p_y, the targets being class numbers 0, ..., K - 1.

    Parameters
    ----------
    from_logits : bool
        The outputs are logits z, and p = softmax(z); else p is what comes over its sum.
    name : str
    """

    from_logits: bool = False
    name: str = "sparse_categorical_crossentropy"

    def of_rows(self, y_true: ArrayLike, y_pred: ArrayLike) -> Float64:
        """Return the loss of each row (N,)."""
        return sparse_categorical_crossentropy(y_true, y_pred, self.from_logits)


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Float64:
    """Return the mean over the outputs of (p - y)^2, of each row (N,).

    Examples
    --------
    >>> from multilogit.networks.losses import mean_squared_error
    >>> print(mean_squared_error([[0.0, 1.0]], [[0.5, 0.5]]))
    [0.25]
    """
    return _of_rows("squared_error", *_pair(y_true, y_pred))


def binary_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: float = 0.0
) -> Float64:
    """Return the mean over the outputs of -y log p - (1 - y) log(1 - p), of each row (N,); infinite where y says so.

    Examples
    --------
    >>> from multilogit.networks.losses import binary_crossentropy
    >>> print(binary_crossentropy([[1.0]], [[0.5]]))
    [0.69314718]
    """
    y, p = _pair(y_true, y_pred)
    kernel = "logistic_cross_entropy" if from_logits else "binary_cross_entropy"
    return _of_rows(kernel, _towards(y, label_smoothing, 0.5), p)


def categorical_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: float = 0.0
) -> Float64:
    """Return -sum_k y_k log(p_k / sum_j p_j), of each row (N,); infinite where y says so.

    Examples
    --------
    >>> from multilogit.networks.losses import categorical_crossentropy
    >>> print(categorical_crossentropy([[0.0, 1.0]], [[0.75, 0.25]]))
    [1.38629436]
    """
    y, p = _pair(y_true, y_pred)
    kernel = "softmax_cross_entropy" if from_logits else "categorical_cross_entropy"
    return _of_rows(kernel, _towards(y, label_smoothing, 1.0 / y.shape[-1]), p)


def sparse_categorical_crossentropy(y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False) -> Float64:
    """Return -log(p_y / sum_j p_j), of each row (N,), for class numbers y (N,).

    Examples
    --------
    >>> from multilogit.networks.losses import sparse_categorical_crossentropy
    >>> print(sparse_categorical_crossentropy([1], [[0.75, 0.25]]))
    [1.38629436]
    """
    p = np.atleast_2d(np.asarray(y_pred, dtype=np.float64))
    labels = np.asarray(y_true).reshape(-1)
    if len(labels) != len(p) or not np.isin(labels, np.arange(p.shape[-1])).all():
        raise InputError(f"y_true must be {len(p)} class numbers from 0 to {p.shape[-1] - 1}. Got {labels!r}.")
    return categorical_crossentropy(np.eye(p.shape[-1])[labels.astype(np.int64)], p, from_logits)


def _of_rows(kernel: str, y: Floats, p: Floats) -> Float64:
    return np.asarray(LOSSES[kernel](p, y).value, dtype=np.float64)


def _pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Floats, Floats]:
    y, p = (np.atleast_2d(np.asarray(each, dtype=np.float64)) for each in (y_true, y_pred))
    if y.shape != p.shape:
        raise InputError(f"y_true and y_pred must have one shape. Got {y.shape} and {p.shape}.")
    return y, p


def _towards(Y: Floats, share: float, value: float) -> Floats:
    return Y if share == 0 else np.asarray(Y * (1 - share) + share * value, dtype=Y.dtype)


def _check_smoothing(share: float) -> None:
    if not 0 <= share <= 1:
        raise InputError(f"label_smoothing must be from 0 to 1. Got {share!r}.")


_FUNCTIONS: dict[Callable[..., Any], Callable[[], Loss]] = {
    mean_squared_error: MeanSquaredError,
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
}
_NAMED: dict[str, Callable[[], Loss]] = {
    **{function.__name__: made for function, made in _FUNCTIONS.items()},
    "mse": MeanSquaredError,
    "bce": BinaryCrossentropy,
    "MeanSquaredError": MeanSquaredError,
    "BinaryCrossentropy": BinaryCrossentropy,
    "CategoricalCrossentropy": CategoricalCrossentropy,
    "SparseCategoricalCrossentropy": SparseCategoricalCrossentropy,
}


def get(identifier: Any) -> Loss:
    """Return the loss of a name or a function, or one as it is.

    Raises
    ------
    InputError
        For anything else.
    """
    if isinstance(identifier, str):
        if identifier.replace("_", "").casefold() in {"crossentropy", "ce", "nll", "logloss"}:
            raise InputError(
                f"There is no loss {identifier!r}. Take 'binary_crossentropy' after sigmoid; after softmax "
                "'categorical_crossentropy' for one-hot rows, 'sparse_categorical_crossentropy' for class numbers."
            )
        return choose("loss", identifier, _NAMED)()
    if isinstance(identifier, Loss):
        return identifier
    for function, made in _FUNCTIONS.items():
        if identifier is function:
            return made()
    raise InputError(
        f"A loss is a name ({', '.join(map(repr, (f.__name__ for f in _FUNCTIONS)))}), a function or an object of "
        f"multilogit.networks.losses. Got {identifier!r}; losses of one's own have no derivative here."
    )
