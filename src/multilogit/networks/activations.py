"""Activation functions, by name: linear, relu, sigmoid, softmax, tanh."""

from typing import Any

import numpy as np

from multilogit._arrays import ArrayLike, Floats
from multilogit._kernels.activations import ACTIVATIONS
from multilogit.errors import InputError
from multilogit.networks._words import choose

__all__ = ["get", "linear", "relu", "sigmoid", "softmax", "tanh"]


def _of(name: str, x: ArrayLike) -> Floats:
    array = np.asarray(x)
    return ACTIVATIONS[name].value(array if array.dtype in (np.float32, np.float64) else array.astype(np.float64))


def linear(x: ArrayLike) -> Floats:
    """Return x.

    Examples
    --------
    >>> from multilogit.networks.activations import linear
    >>> print(linear([1.0, -2.0]))
    [ 1. -2.]
    """
    return _of("linear", x)


def relu(x: ArrayLike) -> Floats:
    """Return max(x, 0); its derivative is 1 where that is positive, else 0.

    Examples
    --------
    >>> from multilogit.networks.activations import relu
    >>> print(relu([1.0, -2.0]))
    [1. 0.]
    """
    return _of("relu", x)


def sigmoid(x: ArrayLike) -> Floats:
    """Return a = 1 / (1 + exp(-x)); its derivative is a (1 - a).

    Examples
    --------
    >>> from multilogit.networks.activations import sigmoid
    >>> print(sigmoid([0.0, 2.0]))
    [0.5        0.88079708]
    """
    return _of("sigmoid", x)


def softmax(x: ArrayLike) -> Floats:
    """Return a_k = exp(x_k) / sum_j exp(x_j) along the last axis; its Jacobian is diag(a) - a a'.

    Examples
    --------
    >>> from multilogit.networks.activations import softmax
    >>> print(softmax([0.0, 0.0, 0.0, 0.0]))
    [0.25 0.25 0.25 0.25]
    """
    return _of("softmax", x)


def tanh(x: ArrayLike) -> Floats:
    """Return a = tanh x; its derivative is 1 - a^2.

    Examples
    --------
    >>> from multilogit.networks.activations import tanh
    >>> print(tanh([0.0, 1.0]))
    [0.         0.76159416]
    """
    return _of("tanh", x)


_FUNCTIONS = {function.__name__: function for function in (linear, relu, sigmoid, softmax, tanh)}


def get(identifier: Any) -> str:
    """Return the name of an activation that is given as a name, as one of these functions, or as None for linear.

    Raises
    ------
    InputError
        For anything else.
    """
    if identifier is None:
        return "linear"
    if isinstance(identifier, str):
        return choose("activation", identifier, {name: name for name in _FUNCTIONS})
    for name, function in _FUNCTIONS.items():
        if identifier is function:
            return name
    raise InputError(f"An activation is one of {', '.join(map(repr, _FUNCTIONS))}. Got {identifier!r}.")
