"""Small networks, and data that they are tried on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from multilogit import networks
from multilogit.errors import InputError
from multilogit.networks import Activation, Dense, Input, Sequential

ROWS, INPUTS, CLASSES = 20, 3, 4
_draw = np.random.default_rng(5)
X = _draw.normal(size=(ROWS, INPUTS))
REAL = _draw.normal(size=(ROWS, CLASSES))
BINARY = np.asarray(REAL > 0, dtype=float)
LABELS = (REAL + X[:, :1]).argmax(axis=1)
ONE_HOT = np.eye(CLASSES)[LABELS]
SOFT = np.exp(REAL) / np.exp(REAL).sum(axis=1, keepdims=True)
WEIGHT = _draw.uniform(0.2, 2.0, size=ROWS)

XOR_X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR_Y = np.array([[0], [1], [1], [0]])

MSE, BCE = "mean_squared_error", "binary_crossentropy"
CCE, SCCE = "categorical_crossentropy", "sparse_categorical_crossentropy"

# The activation of the last layer, the loss, targets: each pair that there is.
HEADS: dict[str, tuple[str, Any, Any]] = {
    **{f"{name}-mse": (name, MSE, REAL) for name in ("linear", "relu", "sigmoid", "softmax", "tanh")},
    "sigmoid-bce": ("sigmoid", BCE, BINARY),
    "softmax-bce": ("softmax", BCE, BINARY),
    "softmax-cce": ("softmax", CCE, SOFT),
    "sigmoid-cce": ("sigmoid", CCE, SOFT),
    "softmax-scce": ("softmax", SCCE, LABELS),
    "sigmoid-scce": ("sigmoid", SCCE, LABELS),
    "logits-bce": ("linear", networks.losses.BinaryCrossentropy(from_logits=True), BINARY),
    "logits-cce": ("linear", networks.losses.CategoricalCrossentropy(from_logits=True), SOFT),
    "logits-scce": ("linear", networks.losses.SparseCategoricalCrossentropy(from_logits=True), LABELS),
    "smooth-bce": ("sigmoid", networks.losses.BinaryCrossentropy(label_smoothing=0.1), BINARY),
    "smooth-cce": ("softmax", networks.losses.CategoricalCrossentropy(label_smoothing=0.1), ONE_HOT),
}


def network(*layers: Any, inputs: int = INPUTS, dtype: str = "float64", seed: int = 1, **compiled: Any) -> Sequential:
    """Return a network for rows of so many numbers, compiled where arguments of `compile` are given."""
    networks.set_random_seed(seed)
    model = Sequential([Input((inputs,)), *layers], dtype=dtype)
    if compiled:
        model.compile(**compiled)
    return model


def softmax_network(**options: Any) -> Sequential:
    """Return a network of 4 and 4 units that ends in a softmax, compiled with SGD and its loss."""
    compiled = {"optimizer": networks.SGD(0.1), "loss": CCE} | options
    return network(Dense(4, "tanh"), Dense(CLASSES, "softmax"), **compiled)


def xor_network(**compiled: Any) -> Sequential:
    """Return the network of the article: 9 weights."""
    layers = (Dense(2), Activation("sigmoid"), Dense(1), Activation("sigmoid"))
    return network(*layers, inputs=2, dtype="float32", **compiled)


def same(left: Any, right: Any) -> bool:
    """Return whether two lists of arrays are the same to the last bit."""
    return len(left) == len(right) and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(left, right, strict=True)
    )


def state(model: Sequential) -> tuple[Any, ...]:
    """Return what a fit changes: width, weights, steps, what the optimizer remembers."""
    optimizer = model.optimizer
    kept = () if optimizer is None else (optimizer.iterations, [each.tobytes() for each in optimizer.slots])
    return model.inputs, [each.tobytes() for each in model.get_weights()], kept


def refused(call: Callable[[], object], sentence: str, kind: type[Exception] = InputError) -> None:
    """Assert that a call is refused, in an error that says so."""
    with pytest.raises(kind) as raised:
        call()
    assert sentence in str(raised.value)


@contextmanager
def unchanged(model: Sequential) -> Iterator[None]:
    """Assert that a model is afterwards what it was."""
    before = state(model)
    yield
    assert state(model) == before
