"""Rows, targets and weights as they come, checked and made arrays of the model's type."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from multilogit._arrays import Array, Floats
from multilogit._objective.examples import Examples
from multilogit.errors import InputError
from multilogit.networks.losses import BinaryCrossentropy, Loss, MeanSquaredError, SparseCategoricalCrossentropy

__all__ = ["class_weights", "examples_of", "first_not_finite", "rows_of", "split"]


def rows_of(name: str, x: Any, inputs: int | None, dtype: str, layer: str) -> Floats:
    """Return rows (N, D) of numbers.

    Raises
    ------
    InputError
        If they are none, or not of the width D that the first layer expects.
    """
    array = numbers_of(name, x, dtype)
    if array.ndim != 2 or array.shape[0] == 0 or array.shape[1] == 0:
        one = " For one row pass x[None, :], for one column x[:, None]." if array.ndim == 1 else ""
        raise InputError(f"{name} must be rows of numbers, of shape (N, D). Got shape {array.shape}.{one}")
    if inputs is not None and array.shape[1] != inputs:
        raise InputError(
            f"The layer {layer!r} expects rows of {inputs} numbers, and {name} has {array.shape[1]}: "
            f"its shape is {array.shape}, expected (N, {inputs})."
        )
    return array


def numbers_of(name: str, values: Any, dtype: str) -> Floats:
    """Return numbers as a contiguous array of a type."""
    array = _array(name, values)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} must be numbers. Got an array of type {array.dtype}: encode it as numbers first.")
    with np.errstate(over="ignore"):  # what is too large for float32 is found as infinite
        return np.asarray(array, dtype=dtype, order="C")


def _array(name: str, values: Any) -> Array:
    try:
        return np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} must be an array of numbers, all rows of one length ({error}).") from None


def first_not_finite(name: str, array: Floats | None) -> str | None:
    """Return where an array first has a number that is not finite, in words; None if nowhere."""
    if array is None or np.isfinite(array).all():
        return None
    where = np.argwhere(~np.isfinite(array))[0]
    place = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), where, strict=False))
    return f"{name} has {array[tuple(where)]} in {place}"


def examples_of(
    x: Floats,
    y: Any,
    weight: Any,
    *,
    loss: Loss,
    outputs: int,
    last: str,
    names: tuple[str, str, str] = ("x", "y", "sample_weight"),
) -> Examples:
    """Return rows with their targets and weights.

    Raises
    ------
    InputError
        If they do not suit each other, the outputs or the loss: with row and value.
    """
    if y is None:
        raise InputError(f"{names[1]} is missing: pass the targets of the rows.")
    dtype = str(x.dtype)
    weights = None if weight is None else _weights(names[2], weight, len(x), dtype)
    if isinstance(loss, SparseCategoricalCrossentropy):
        return Examples(x, None, _labels(names[1], y, len(x), outputs).astype(dtype), weights)
    Y = numbers_of(names[1], y, dtype)
    if Y.ndim == 1 and outputs == 1:
        Y = np.ascontiguousarray(Y[:, None])
    if Y.shape != (len(x), outputs):
        raise InputError(_mismatch(names, Y, len(x), outputs, last))
    _check_targets(names[1], Y, loss)
    return Examples(x, Y, None, weights)


def _mismatch(names: tuple[str, str, str], Y: Floats, rows: int, outputs: int, last: str) -> str:
    if Y.ndim == 0 or len(Y) != rows:
        return (
            f"{names[1]} must have a row for each of {names[0]}: {names[0]} has {rows}, {names[1]} has shape {Y.shape}."
        )
    hint = ""
    if Y.ndim == 1 or Y.shape[1:] == (1,):
        hint = " For class numbers take loss='sparse_categorical_crossentropy'."
    elif outputs == 1:
        hint = f" For {Y.shape[1]} targets end the network with {Y.shape[1]} units."
    return (
        f"The layer {last!r} gives {outputs} numbers a row, and {names[1]} has shape {Y.shape}, "
        f"expected ({rows}, {outputs}).{hint}"
    )


def _labels(name: str, y: Any, rows: int, outputs: int) -> Array:
    array = _array(name, y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or len(array) != rows or array.dtype.kind not in "fiub":
        hint = " For one-hot rows take loss='categorical_crossentropy'." if array.ndim == 2 else ""
        if array.dtype.kind in "OSU":
            hint = f" Number the classes first: classes, {name} = np.unique({name}, return_inverse=True)."
        raise InputError(
            f"{name} must be {rows} class numbers, of shape ({rows},). Got shape {array.shape} of {array.dtype}.{hint}"
        )
    wrong = ~np.isin(array, np.arange(outputs)) if array.dtype.kind == "f" else (array < 0) | (array >= outputs)
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            f"{name} must be class numbers from 0 to {outputs - 1}, as the network has {outputs} outputs. "
            f"Got {array[row]} in row {row}. Number the classes from 0, or give the last layer a unit for each."
        )
    return array


def _check_targets(name: str, Y: Floats, loss: Loss) -> None:
    if isinstance(loss, MeanSquaredError):
        return
    wrong = (Y < 0) | (Y > 1) if isinstance(loss, BinaryCrossentropy) else Y < 0
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        bounds = "from 0 to 1" if isinstance(loss, BinaryCrossentropy) else "0 or more"
        raise InputError(
            f"{name} must be {bounds} for {loss.name}. Got {Y[row, column]:g} in row {row}, column {column}."
        )


def _weights(name: str, given: Any, rows: int, dtype: str) -> Floats:
    weights = numbers_of(name, given, dtype)
    if weights.shape == (rows, 1):
        weights = np.ascontiguousarray(weights[:, 0])
    if weights.shape != (rows,):
        raise InputError(f"{name} must have one number per row, shape ({rows},). Got shape {weights.shape}.")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        row = int((~(weights >= 0) | ~np.isfinite(weights)).argmax())
        raise InputError(f"{name} must be finite and not negative. Got {weights[row]} in row {row}.")
    return weights


def class_weights(given: Any, examples: Examples) -> Floats:
    """Return the weight of each row by its class; a class that is not named weighs 1.

    Raises
    ------
    InputError
        If it is not a dict of class numbers and weights.
    """
    if not isinstance(given, Mapping):
        raise InputError(
            f"class_weight must be a dict of class numbers and weights, such as {{0: 1.0, 1: 5.0}}. Got {given!r}."
        )
    if examples.labels is not None:
        classes, most = np.rint(examples.labels).astype(np.int64), None
    else:
        assert examples.Y is not None
        one = examples.Y.shape[1] == 1
        classes = np.rint(examples.Y[:, 0]).astype(np.int64) if one else examples.Y.argmax(axis=1)
        most = 2 if one else examples.Y.shape[1]
    weights = np.ones(len(classes), dtype=examples.X.dtype)
    for label, weight in given.items():
        if not isinstance(label, (int, np.integer)) or label < 0 or (most is not None and label >= most):
            raise InputError(f"class_weight names the class {label!r}, and classes are whole numbers from 0.")
        if not isinstance(weight, (int, float, np.number)) or not np.isfinite(weight) or weight < 0:
            raise InputError(f"class_weight must be finite and not negative. Got {weight!r} for the class {label!r}.")
        weights[classes == label] = weight
    return weights


def split(examples: Examples, share: float) -> tuple[Examples, Examples]:
    """Return the first rows and the last, which are this share of all.

    Raises
    ------
    InputError
        If one of them would be empty.
    """
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
        raise InputError(f"validation_split must be between 0 and 1. Got {share!r}.")
    first = int(len(examples) * (1 - share))
    if first in {0, len(examples)}:
        raise InputError(
            f"validation_split={share} of {len(examples)} rows leaves {first} for training and "
            f"{len(examples) - first} for validation; both need one. Take another share, or more rows."
        )
    return examples.part(0, first), examples.part(first, len(examples))
