"""Layers: what a row of numbers goes through, one after the other.

A layer belongs to one model, which holds its weights: `Dense.kernel` and `Dense.bias` are copies of them, for
reading.
"""

import operator
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from multilogit._arrays import ArrayLike, Floats
from multilogit._objective.network import Activate, Drop, Operation
from multilogit._objective.network import Dense as DenseOperation
from multilogit.errors import InputError
from multilogit.networks import activations, initializers
from multilogit.networks._words import note_once, refuse

__all__ = ["Activation", "Dense", "Dropout", "Input", "Layer", "Owner", "width_of"]

_NOT_HERE = "networks here are small and plain; take Keras or PyTorch for it."
_ELSEWHERE = {
    **dict.fromkeys(("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint"), _NOT_HERE),
    **dict.fromkeys(("bias_constraint", "lora_rank", "lora_alpha", "quantization_config", "noise_shape"), _NOT_HERE),
    "dtype": 'give it to the model: Sequential(..., dtype="float64").',
    "trainable": "every layer is trained.",
    "autocast": "numbers have one type in the whole model.",
    "seed": "dropout follows networks.set_random_seed.",
}
_FIXED = {"units", "activation", "use_bias", "rate"}
_INPUT_NOTE = (
    "input_shape= and input_dim= are old names, which work; new code begins a model with networks.Input((D,)). "
    "This is said once."
)


class Owner(Protocol):
    """A model, which holds the weights of its layers."""

    def weights_of(self, layer: "Layer") -> list[Floats]:
        """Return copies of the weights of one layer."""

    def set_weights_of(self, layer: "Layer", weights: Sequence[ArrayLike]) -> None:
        """Replace the weights of one layer."""


class Layer:
    """What all layers have: a name, a model, a width.

    Parameters
    ----------
    name : str or None
        None: the class in small letters, numbered within the model: dense, dense_1, ...
    input_shape, input_dim : tuple of one int, int
        Old names: the width of the rows, for the first layer.
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        input_shape: Sequence[int] | None = None,
        input_dim: int | None = None,
        **unknown: Any,
    ) -> None:
        refuse(type(self).__name__, unknown, self._arguments, _ELSEWHERE)
        if name is not None and not isinstance(name, str):
            raise InputError(f"name must be a string. Got {name!r}.")
        self.name = name or ""
        self.given_name = name
        self.model: Owner | None = None
        self.inputs: int | None = None
        if input_shape is not None or input_dim is not None:
            note_once("input", _INPUT_NOTE)
            self.inputs = width_of(input_shape if input_shape is not None else (input_dim,))

    _arguments: tuple[str, ...] = ("name", "input_shape", "input_dim")

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse to change what the weights depend on."""
        if name in _FIXED and name in vars(self):
            raise InputError(f"{name} is fixed when a layer is made. Make another {type(self).__name__}.")
        super().__setattr__(name, value)

    @property
    def trainable(self) -> bool:
        """True: every layer is trained."""
        return True

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if not value:
            raise InputError("A layer cannot be left out of training here: take Keras or PyTorch for it.")

    def operations(self) -> tuple[Operation, ...]:
        """Return what it does with rows."""
        raise NotImplementedError

    def width(self, inputs: int) -> int:
        """Return how many numbers come out of ``inputs`` numbers."""
        return inputs

    def count_params(self) -> int:
        """Return the number of weights, 0 for a layer that has none or is not built yet."""
        return sum(weights.size for weights in self.get_weights())

    def get_weights(self) -> list[Floats]:
        """Return copies of the weights: for `Dense` the kernel (D, M), then the bias (M,) if there is one."""
        return [] if self.model is None else self.model.weights_of(self)

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Replace the weights by arrays of their shapes."""
        if self.model is None:
            raise InputError(f"The layer {self.name or type(self).__name__!r} is in no model yet: add it to one first.")
        self.model.set_weights_of(self, weights)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name or 'not in a model yet'}>"


class Input:
    """The width D of the rows: ``Input((D,))`` stands first in a `Sequential`.

    Parameters
    ----------
    shape : tuple of one int
    name : str or None

    Examples
    --------
    >>> from multilogit.networks import Dense, Input, Sequential
    >>> Sequential([Input((4,)), Dense(2)]).count_params()
    10
    """

    def __init__(self, shape: Sequence[int] | None = None, *, name: str | None = None, **unknown: Any) -> None:
        refuse("Input", unknown, ("shape", "name"), {"dtype": _ELSEWHERE["dtype"], "batch_size": "any number of rows."})
        self.inputs = width_of(shape)
        self.name = name


def width_of(shape: Any) -> int:
    """Return D of a shape (D,)."""
    try:
        (width,) = tuple(shape)
        D = operator.index(width)
    except (TypeError, ValueError):
        D = 0
    if D < 1:
        raise InputError(
            f"The shape of a row must be (D,) with D of 1 or more, such as (4,): rows are vectors here. Got {shape!r}."
        )
    return D


class Dense(Layer):
    """``a = f(x W + b)`` with W (D, units) and b (units,).

    Parameters
    ----------
    units : int
        Numbers that come out.
    activation : str, function of `activations` or None
        f; None is linear.
    use_bias : bool
    kernel_initializer, bias_initializer : str or callable
        "glorot_uniform" or "zeros", or a function of shape and dtype.
    name, input_shape, input_dim
        As for every `Layer`.

    Examples
    --------
    >>> from multilogit.networks import Dense, Input, Sequential
    >>> layer = Dense(3, activation="relu")
    >>> model = Sequential([Input((4,)), layer])
    >>> layer.name, layer.kernel.shape, layer.bias.shape
    ('dense', (4, 3), (3,))
    """

    _arguments = (
        *("units", "activation", "use_bias", "kernel_initializer", "bias_initializer"),
        *Layer._arguments,
    )

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if isinstance(units, bool) or not isinstance(units, (int, np.integer)) or units < 1:
            raise InputError(f"units must be a whole number, 1 or more. Got {units!r}.")
        self.units, self.use_bias = int(units), bool(use_bias)
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def operations(self) -> tuple[Operation, ...]:
        """Return the product, then the activation."""
        product = DenseOperation(self.units, self.use_bias)
        return (product,) if self.activation == "linear" else (product, Activate(self.activation))

    def width(self, inputs: int) -> int:  # noqa: ARG002
        """Return `units`."""
        return self.units

    def first_weights(self, inputs: int, dtype: str) -> list[Floats]:
        """Return what the weights begin with."""
        made = [self._first("kernel", self.kernel_initializer, (inputs, self.units), dtype)]
        if self.use_bias:
            made.append(self._first("bias", self.bias_initializer, (self.units,), dtype))
        return made

    def _first(self, what: str, initializer: initializers.Initializer, shape: tuple[int, ...], dtype: str) -> Floats:
        made = np.asarray(initializer(shape, dtype=dtype), dtype=dtype)
        if made.shape != shape or not np.isfinite(made).all():
            raise InputError(
                f"The {what} of the layer {self.name!r} must begin as finite numbers of shape {shape}. Its initializer "
                f"made {made.shape}{'' if np.isfinite(made).all() else ' with numbers that are not finite'}."
            )
        return made

    @property
    def kernel(self) -> Floats:
        """W (D, units), to be read; `set_weights` replaces it."""
        return _read_only(self._built_weights()[0])

    @property
    def bias(self) -> Floats | None:
        """B (units,), to be read; None without one."""
        return _read_only(self._built_weights()[1]) if self.use_bias else None

    def _built_weights(self) -> list[Floats]:
        weights = self.get_weights()
        if not weights:
            raise InputError(
                f"The layer {self.name or 'Dense'!r} has no weights yet: it is built when its model knows the width of "
                "the rows, from networks.Input((D,)), from model.build((None, D)) or from the first data."
            )
        return weights


def _read_only(array: Floats) -> Floats:
    array.flags.writeable = False
    return array


class Activation(Layer):
    """``a = f(z)``, number by number (softmax: row by row).

    Parameters
    ----------
    activation : str, function of `activations` or None
        "linear", "relu", "sigmoid", "softmax" or "tanh"; None is linear.
    name, input_shape, input_dim
        As for every `Layer`.

    Examples
    --------
    >>> import numpy as np
    >>> from multilogit.networks import Activation, Input, Sequential
    >>> print(Sequential([Input((2,)), Activation("relu")]).predict(np.array([[1.0, -1.0]])))
    [[1. 0.]]
    """

    _arguments = ("activation", *Layer._arguments)

    def __init__(self, activation: Any, **options: Any) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)

    def operations(self) -> tuple[Operation, ...]:
        """Return the activation."""
        return () if self.activation == "linear" else (Activate(self.activation),)


class Dropout(Layer):
    """In training each number times 0 with probability ``rate``, else times 1 / (1 - rate); otherwise nothing.

    Parameters
    ----------
    rate : float
        From 0 on, below 1.
    name, input_shape, input_dim
        As for every `Layer`.

    References
    ----------
    N. Srivastava et al., J. Mach. Learn. Res. 15 (2014) 1929-1958.

    Examples
    --------
    >>> import numpy as np
    >>> from multilogit.networks import Dropout, Input, Sequential
    >>> print(Sequential([Input((2,)), Dropout(0.5)]).predict(np.array([[1.0, -1.0]])))
    [[ 1. -1.]]
    """

    _arguments = ("rate", *Layer._arguments)

    def __init__(self, rate: float, **options: Any) -> None:
        super().__init__(**options)
        if isinstance(rate, bool) or not isinstance(rate, (int, float, np.number)) or not 0 <= float(rate) < 1:
            raise InputError(f"rate must be a number from 0 on, below 1. Got {rate!r}.")
        self.rate = float(rate)

    def operations(self) -> tuple[Operation, ...]:
        """Return the dropout."""
        return (Drop(self.rate),) if self.rate > 0 else ()
