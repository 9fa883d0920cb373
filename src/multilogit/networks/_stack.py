"""Layers one after the other and their weights: what a `Sequential` is before it is compiled."""

from collections.abc import Iterable, Sequence

import numpy as np

from multilogit._arrays import ArrayLike, Floats
from multilogit._objective.network import Network, Operation
from multilogit.errors import InputError
from multilogit.networks import _data
from multilogit.networks._ending import network_for
from multilogit.networks.layers import Dense, Input, Layer, width_of
from multilogit.networks.losses import Loss

__all__ = ["Stack"]

_DTYPES = ("float32", "float64")


class Stack:
    """Layers one after the other.

    Attributes
    ----------
    theta : array or None
        Every weight, layer by layer; None before the width of the rows is known. Replaced, never changed in place.
    inputs : int or None
        That width.
    """

    def __init__(self, layers: Iterable[Layer | Input] | None, name: str | None, dtype: str) -> None:
        try:
            self.name, self.dtype = name or "sequential", "" if dtype is None else str(np.dtype(dtype))
        except TypeError:
            self.dtype = ""
        if self.dtype not in _DTYPES:
            raise InputError(f"dtype must be 'float32' or 'float64'. Got {dtype!r}.")
        self.layers: list[Layer] = []
        self.inputs: int | None = None
        self.theta: Floats | None = None
        for each in layers or ():
            self.add(each)

    def add(self, layer: Layer | Input) -> None:
        """Put a layer at the end; an `Input` may stand only at the beginning.

        Raises
        ------
        InputError
            If it is no layer, belongs to a model already, or its name is taken.
        """
        if isinstance(layer, Input):
            if self.layers or self.inputs is not None:
                raise InputError("An Input stands at the beginning of a model, and once.")
            self.inputs = layer.inputs
            return
        if not isinstance(layer, Layer):
            kind = type(layer).__name__
            raise InputError(f"A layer is Dense, Activation, Dropout or Input. Got {layer!r} of type {kind}.")
        if layer.model is not None:
            raise InputError(f"The layer {layer.name!r} is in a model already. Make another one.")
        layer.name = self._named(layer)
        if layer.inputs is not None and not self.layers and self.inputs is None:
            self.inputs = layer.inputs
        elif layer.inputs not in {None, self._width()}:
            raise InputError(
                f"The layer {layer.name!r} expects rows of {layer.inputs} numbers, and "
                f"{'the layer ' + repr(self.layers[-1].name) if self.layers else 'the input'} gives {self._width()}."
            )
        drawn = [] if self.inputs is None else self._first_weights(layer, self._width_before(layer))
        layer.model = self
        self.layers.append(layer)
        if self.inputs is not None:
            self.theta = self._joined(drawn)
        self.changed()

    def _joined(self, drawn: list[Floats]) -> Floats:
        """Return theta with more weights at its end."""
        return np.concatenate([np.empty(0, dtype=self.dtype) if self.theta is None else self.theta, *drawn])

    def _first_weights(self, layer: Layer, width: int) -> list[Floats]:
        return [each.ravel() for each in layer.first_weights(width, self.dtype)] if isinstance(layer, Dense) else []

    def _named(self, layer: Layer) -> str:
        taken = [each.name for each in self.layers]
        if layer.given_name is not None:
            if layer.given_name in taken:
                raise InputError(f"There is a layer {layer.given_name!r} in the model already. Names must differ.")
            return layer.given_name
        stem, number = type(layer).__name__.lower(), 0
        while (name := f"{stem}_{number}" if number else stem) in taken:
            number += 1
        return name

    def changed(self) -> None:
        """Be told that layers have come or gone."""

    def pop(self) -> None:
        """Take the last layer away."""
        if not self.layers:
            raise InputError("The model has no layers to take away.")
        size = self.layers[-1].count_params()
        layer = self.layers.pop()
        layer.model = None
        if self.theta is not None:
            self.theta = self.theta[: len(self.theta) - size].copy()
        self.changed()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by its name or its place."""
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise InputError(f"There is no layer number {index}. The model has {len(self.layers)}.")
            return self.layers[index]
        for each in self.layers:
            if each.name == name:
                return each
        raise InputError(f"There is no layer {name!r}. There are {', '.join(repr(each.name) for each in self.layers)}.")

    def build(self, input_shape: Sequence[int | None] | None = None) -> None:
        """Draw the weights, for rows of the width that ends ``input_shape``: (None, D) or (D,)."""
        if self.built and input_shape is None:
            return
        width = width_of(tuple(input_shape or ())[-1:])
        if self.inputs not in {None, width}:
            raise InputError(f"The model is built for rows of {self.inputs} numbers. Got {width}.")
        if self.inputs is None:
            drawn, inputs = [], width
            for each in self.layers:
                drawn += self._first_weights(each, inputs)
                inputs = each.width(inputs)
            self.inputs, self.theta = width, self._joined(drawn)

    @property
    def built(self) -> bool:
        """Whether the weights are there."""
        return self.inputs is not None

    def _width_before(self, layer: Layer) -> int:
        assert self.inputs is not None
        width = self.inputs
        for each in self.layers:
            if each is layer:
                break
            width = each.width(width)
        return width

    def _width(self) -> int | None:
        """Return how many numbers the last layer gives, None before that is known."""
        width = self.inputs
        for each in self.layers:
            width = each.units if isinstance(each, Dense) else width
        return width

    @property
    def input_shape(self) -> tuple[None, int]:
        """(None, D)."""
        return None, self.network().inputs

    @property
    def output_shape(self) -> tuple[None, int]:
        """(None, K)."""
        return None, self.network().widths[-1]

    def operations(self) -> list[tuple[Layer, Operation]]:
        """Return what is done with rows, and which layer does it."""
        return [(layer, each) for layer in self.layers for each in layer.operations()]

    def network(self, loss: Loss | None = None, inputs: int | None = None) -> Network:
        """Return the network that ends in a loss, without its weights."""
        if not self.layers:
            raise InputError("The model has no layers. Add some: model.add(networks.Dense(units)).")
        width = self.inputs or inputs
        if width is None:
            raise InputError(
                "The model does not know the width of the rows yet: begin it with networks.Input((D,)), call "
                "build((None, D)), or give it data."
            )
        return network_for(width, [each for _, each in self.operations()], loss)

    @property
    def weights(self) -> list[Floats]:
        """Copies of the weights, as `get_weights` returns them."""
        return self.get_weights()

    @property
    def trainable(self) -> bool:
        """True: every layer is trained."""
        return True

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if not value:
            raise InputError("Layers cannot be left out of training here: take Keras or PyTorch for it.")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {', '.join(each.name for each in self.layers) or 'no layers'}>"

    def get_weights(self) -> list[Floats]:
        """Return copies of the weights: of each `Dense` the kernel (D, M), then the bias (M,)."""
        return [weights for each in self.layers for weights in self.weights_of(each)]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Replace the weights by arrays as `get_weights` returns them.

        Raises
        ------
        InputError
            If their number or a shape differs, or a number is not finite.
        """
        owners = [(each.name, old) for each in self.layers for old in self.weights_of(each)]
        if len(weights) != len(owners):
            raise InputError(f"The model has {len(owners)} arrays of weights. Got {len(weights)}.")
        new = []
        for (name, old), given in zip(owners, weights, strict=True):
            array = _data.numbers_of(f"weights of {name!r}", given, self.dtype)
            if array.shape != old.shape or not np.isfinite(array).all():
                finite = "" if np.isfinite(array).all() else " with numbers that are not finite"
                raise InputError(
                    f"The layer {name!r} expects finite weights of shape {old.shape}. Got {array.shape}{finite}."
                )
            new.append(array.ravel())
        self.theta = np.concatenate([np.empty(0, dtype=self.dtype), *new])

    def weights_of(self, layer: Layer) -> list[Floats]:
        """Return copies of the weights of one layer."""
        if self.theta is None or not isinstance(layer, Dense):
            return []
        pairs = zip(self.operations(), self.network().weights(self.theta), strict=True)
        W, b = next(weights for (each, _), weights in pairs if each is layer)
        return [W.copy()] if b is None else [W.copy(), b.copy()]

    def set_weights_of(self, layer: Layer, weights: Sequence[ArrayLike]) -> None:
        """Replace the weights of one layer."""
        new = [weights if each is layer else self.weights_of(each) for each in self.layers]
        self.set_weights([each for part in new for each in part])

    def count_params(self) -> int:
        """Return the number of weights."""
        return sum(each.count_params() for each in self.layers)
