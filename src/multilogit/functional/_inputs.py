"""Array-likes become float arrays, or a sentence that says why not."""

import operator
from typing import Any

import numpy as np

from multilogit._arrays import Array, ArrayLike, Float64, Floats
from multilogit.errors import InputError

__all__ = ["as_array", "as_axis", "as_floats", "as_logits", "as_same_shape", "as_weights", "place", "with_classes"]

EXACT_INTEGERS = 2**53  # float64 holds every integer up to here


def place(index: tuple[Any, ...] | np.intp | int) -> str:
    """Name an entry as NumPy indexes it: `row 3`, or `row (2, 3)` under two leading axes."""
    where = tuple(int(i) for i in np.atleast_1d(np.asarray(index)))
    return f"row {where[0]}" if len(where) == 1 else f"row {where}" if where else "the only row"


def as_array(name: str, value: ArrayLike) -> Array:
    """Return `numpy.asarray(value)`, refusing ragged sequences, masks and sparse matrices."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} must not be a masked array, whose mask would be lost. Fill or drop the masked entries."
        )
    if hasattr(value, "toarray"):
        raise TypeError(f"{name} must be dense. Got a sparse matrix; convert it with its method toarray().")
    try:
        return np.asarray(value)
    except ValueError as error:
        raise InputError(
            f"{name} must be a rectangular array. Got nested sequences of unequal length ({error})."
        ) from error


def as_floats(name: str, value: ArrayLike) -> Floats:
    """float32 and float64 are kept, float16 gives float32, integers and booleans give float64."""
    array = as_array(name, value)
    if array.dtype.kind in "iu" and array.size:
        largest = max(abs(int(array.min())), abs(int(array.max())))
        if largest > EXACT_INTEGERS:
            raise InputError(
                f"{name} must hold integers that float64 represents exactly, up to 2^53. Got {largest} in "
                "size. Subtract a common offset first, or convert to float64 and accept the rounding."
            )
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return array.astype(np.float64 if array.dtype.itemsize == 8 else np.float32, copy=False)
    raise TypeError(
        f"{name} must be real numbers: float16, float32, float64, integers or booleans. "
        f"Got dtype {array.dtype}. Convert it first, for example with numpy.asarray(..., dtype=float)."
    )


def as_logits(name: str, value: ArrayLike) -> Floats:
    """Floats (..., K) with K >= 1."""
    return with_classes(name, as_floats(name, value))


def with_classes(name: str, array: Floats) -> Floats:
    """Return the array if it has a class along its last axis."""
    if array.ndim == 0 or array.shape[-1] == 0:
        raise InputError(
            f"{name} must have at least one class along its last axis. Got shape {array.shape}. "
            "Pass an array of shape (..., K) with K >= 1."
        )
    return array


def as_axis(axis: int, ndim: int) -> int:
    """Return `axis` counted from the front."""
    try:
        number = operator.index(axis)
    except TypeError:
        raise TypeError(f"axis must be an integer. Got {axis!r}.") from None
    if not -ndim <= number < ndim:
        raise InputError(f"axis must lie in [{-ndim}, {ndim - 1}] for {ndim} dimensions. Got {number}.")
    return number % ndim


def as_same_shape(name: str, value: ArrayLike, like: str, shape: tuple[int, ...]) -> Floats:
    """Floats of a given shape, which is that of the argument named `like`."""
    array = as_floats(name, value)
    if array.shape != shape:
        raise InputError(f"{name} must have the shape of {like}, {shape}. Got {array.shape}.")
    return array


def as_weights(sample_weight: ArrayLike | None, shape: tuple[int, ...]) -> Float64:
    """Finite weights >= 0, one per row; ones where none are given."""
    if sample_weight is None:
        return np.ones(shape)
    weights = as_same_shape("sample_weight", sample_weight, "the rows", shape).astype(np.float64, copy=False)
    bad = np.argwhere(~(np.isfinite(weights) & (weights >= 0)))
    if len(bad):
        index = tuple(bad[0])
        raise InputError(
            f"sample_weight must be finite and not negative. Got {weights[index]} in {place(index)}. "
            "Give a row that shall not count the weight 0."
        )
    return weights
