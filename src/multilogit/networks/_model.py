"""A stack of layers with what it was compiled with, and data made to suit both."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from multilogit._arrays import Float64, Floats
from multilogit._objective.examples import Examples
from multilogit._objective.network import Network
from multilogit._objective.network_native import Measure
from multilogit._solvers.mini_batches import Training
from multilogit.errors import InputError
from multilogit.networks import _data
from multilogit.networks._ending import Measures
from multilogit.networks._stack import Stack
from multilogit.networks._summary import LayerLine
from multilogit.networks.callbacks import History
from multilogit.networks.layers import Dense, Input, Layer
from multilogit.networks.losses import Loss
from multilogit.networks.optimizers import Optimizer

__all__ = ["Model"]


class Model(Stack):
    """A stack that may be compiled: optimizer, loss, metrics; with the history of its last fit."""

    def __init__(self, layers: Iterable[Layer | Input] | None, name: str | None, dtype: str) -> None:
        self.optimizer: Optimizer | None = None
        self.loss: Loss | None = None
        self.measures = Measures()
        self.history: History | None = None
        self.stop_training = False
        super().__init__(layers, name, dtype)

    def settle(self, optimizer: Optimizer, loss: Loss | None, measures: Measures) -> None:
        """Compile, if the loss suits the last activation and the optimizer is free."""
        if self.inputs is not None:
            self.network(loss)
        optimizer.take(self)
        self.optimizer, self.loss, self.measures = optimizer, loss, measures

    def changed(self) -> None:
        """Let the optimizer forget what it knew of other weights."""
        if self.optimizer is not None:
            self.optimizer.forget()

    def rows(self, name: str, x: Any, dtype: str | None = None) -> Floats:
        """Return rows as an array that the first layer takes."""
        first = self.layers[0].name if self.layers else self.name
        return _data.rows_of(name, x, self.inputs, dtype or self.dtype, first)

    def examples(
        self, x: Any, y: Any, weight: Any, loss: Loss, *, dtype: str | None = None, prefix: str = ""
    ) -> Examples:
        """Return rows, targets and weights that suit the network and its loss."""
        names = (f"{prefix}x", f"{prefix}y", f"{prefix}sample_weight")
        X = self.rows(names[0], x, dtype)
        last = next((each.name for each in reversed(self.layers) if isinstance(each, Dense)), self.name)
        K = self.network(loss, X.shape[1]).widths[-1]
        return _data.examples_of(X, y, weight, loss=loss, outputs=K, last=last, names=names)

    def resolved(self, examples: Examples) -> tuple[Measure, ...]:
        """Return the formulas of the metrics for such targets."""
        K = self.network(self.loss, examples.X.shape[1]).widths[-1]
        return self.measures.resolved(outputs=K, labels=examples.labels is not None)

    def larger_is_better(self, monitored: str) -> bool:
        """Return whether what a history calls so is an accuracy."""
        name = monitored.removeprefix("val_")
        return name in self.measures.names and self.measures.larger_is_better(name)

    def follow_rate(self, training: Training) -> None:
        """Let a training go on with the optimizer's present learning rate."""
        rate = getattr(self.optimizer, "learning_rate", None)
        if rate is not None:
            training.set_rate(rate)

    def drawn(self, rows: Floats) -> Floats:
        """Return theta, drawn now if these are the first rows."""
        self.build((None, rows.shape[1]))
        assert self.theta is not None
        return self.theta

    def compiled(self, what: str) -> tuple[Optimizer, Loss]:
        """Return optimizer and loss, without which `what` cannot be."""
        if self.optimizer is None:
            raise InputError(
                f"Call compile before {what}, with an optimizer and a loss: "
                "model.compile(optimizer='adam', loss='categorical_crossentropy')."
            )
        return self.optimizer, self.needed_loss(what)

    def needed_loss(self, what: str) -> Loss:
        """Return the loss, without which `what` cannot be."""
        if self.loss is None:
            raise InputError(f"{what} needs a loss: model.compile(optimizer=..., loss='mean_squared_error').")
        return self.loss

    def check_finite(self, found: Floats, X: Floats, what: str) -> None:
        """Raise, with the place, if something that was computed from rows X is not finite."""
        if np.isfinite(found).all():
            return
        place = _data.first_not_finite("x", X) or _data.first_not_finite("a weight", self.drawn(X)[None])
        raise InputError(
            f"{what} would not be finite: {place or 'the numbers of x are too large for this network'}. "
            "Remove such rows, or fill the numbers in."
        )

    def by_layer(self, network: Network, theta: Float64) -> dict[str, list[Float64]]:
        """Return a vector like theta as arrays, by the names of the layers."""
        found: dict[str, list[Float64]] = {}
        operations = [each for each, _ in self.operations()][: len(network.operations)]
        for layer, (W, b) in zip(operations, network.weights(theta), strict=True):
            if isinstance(layer, Dense) and layer.name not in found:
                found[layer.name] = [np.asarray(each) for each in ([W] if b is None else [W, b])]
        return found

    def lines(self) -> list[LayerLine]:
        """Return the lines of the summary."""
        found, width = [], self.inputs
        for each in self.layers:
            width = each.units if isinstance(each, Dense) else width
            known = self.built or not isinstance(each, Dense)
            shape = width if self.built else None
            found.append(LayerLine(each.name, type(each).__name__, shape, each.count_params() if known else None))
        return found
