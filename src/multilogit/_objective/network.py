"""A small network as an objective: rows forward through its operations, the derivative of the loss back.

::

    a_0 = x,   a_j = f_j(a_(j-1)),   loss(a_J, y)              forward
    d_J = d loss / d a_J,   d_(j-1) = (d f_j / d a_(j-1))' d_j  back, operation by operation
    z = a W + b:   dW = a' d,   db = sum of d,   d_below = d W'

The objective is ``sum_i w_i loss_i``; a mini-batch of n rows has weights ``w_i / n``. Where a cross-entropy follows the
activation that belongs to it, both are one step with the derivative P - Y, as in softmax regression.

The parameters are one vector theta: for each dense operation W (D, M) row by row, then b (M,).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from multilogit._arrays import Floats
from multilogit._kernels.activations import ACTIVATIONS
from multilogit._kernels.losses import LOSSES
from multilogit._objective.examples import Examples

__all__ = ["Activate", "Dense", "Drop", "Ending", "Network", "Operation"]


@dataclass(frozen=True, slots=True)
class Dense:
    """z = x W + b, with W (D, units)."""

    units: int
    bias: bool = True

    def forward(self, x: Floats, W: Floats, b: Floats | None) -> Floats:
        """Return x W + b."""
        return np.asarray(x @ W if b is None else x @ W + b)

    def gradient(self, x: Floats, d: Floats) -> Floats:
        """Return x'd, then the sum of d, as theta holds them."""
        parts = [(x.T @ d).ravel(), d.sum(axis=0)]
        return np.concatenate(parts) if self.bias else parts[0]


@dataclass(frozen=True, slots=True)
class Activate:
    """a = f(z), one of `ACTIVATIONS`."""

    name: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Each number times 0 with probability ``rate``, else times 1 / (1 - rate); in training only."""

    rate: float


Operation: TypeAlias = Dense | Activate | Drop


@dataclass(frozen=True, slots=True)
class Ending:
    """The loss, one of `LOSSES`, and the activation that it includes: where it has none, it takes what comes.

    ``keep_logits``: the outputs are what the loss takes, though it is a loss of logits. ``smoothing`` s: the loss is
    that of targets ``y (1 - s) + s / K``, where each output is a class of its own ``y (1 - s) + s / 2``.
    """

    loss: str = "squared_error"
    final: str = "linear"
    keep_logits: bool = False
    smoothing: float = 0.0

    def targets(self, Y: Floats) -> Floats:
        """Return the targets that the loss takes."""
        if self.smoothing == 0:
            return Y
        binary = self.loss in {"logistic_cross_entropy", "binary_cross_entropy"}
        return np.asarray(Y * (1 - self.smoothing) + self.smoothing / (2 if binary else Y.shape[-1]), dtype=Y.dtype)


@dataclass(frozen=True)
class Network:
    """Operations on rows of ``inputs`` numbers; frozen, without parameters of its own."""

    inputs: int
    operations: tuple[Operation, ...]
    ending: Ending = field(default_factory=Ending)

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of a row before the first operation and after each."""
        widths = [self.inputs]
        for each in self.operations:
            widths.append(each.units if isinstance(each, Dense) else widths[-1])
        return tuple(widths)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of parameters of each operation."""
        return tuple(
            (D + each.bias) * M if isinstance(each, Dense) else 0
            for each, (D, M) in zip(self.operations, pairwise(self.widths), strict=True)
        )

    @property
    def n_parameters(self) -> int:
        """Length of theta."""
        return sum(self.sizes)

    def weights(self, theta: Floats) -> Iterator[tuple[Floats, Floats | None]]:
        """Yield W (D, M) and b (M,) of each operation, as views of theta; of one without, empty ones."""
        at = 0
        for each, (D, M), size in zip(self.operations, pairwise(self.widths), self.sizes, strict=True):
            if not isinstance(each, Dense):
                yield theta[:0], None
                continue
            yield theta[at : at + D * M].reshape(D, M), theta[at + D * M : at + size] if each.bias else None
            at += size

    def forward(self, theta: Floats, X: Floats, masks: Sequence[Floats | None] = ()) -> list[Floats]:
        """Return the rows before the first operation and after each; ``masks`` are the factors of dropout."""
        values = [X]
        for j, (each, (W, b)) in enumerate(zip(self.operations, self.weights(theta), strict=True)):
            x = values[-1]
            if isinstance(each, Dense):
                values.append(each.forward(x, W, b))
            elif isinstance(each, Activate):
                values.append(ACTIVATIONS[each.name].value(x))
            else:
                mask = masks[j] if masks else None
                values.append(x if mask is None else x * mask)
        return values

    def back(
        self, theta: Floats, values: Sequence[Floats], delta: Floats, masks: Sequence[Floats | None] = ()
    ) -> Iterator[tuple[int, Floats]]:
        """Yield each operation's number, the last first, with the derivative with respect to what comes out of it.

        At the end comes -1, with the derivative with respect to the rows. ``delta`` may have more axes than the rows
        before its last: one for each of several derivatives.
        """
        layers = list(zip(self.operations, self.weights(theta), strict=True))
        for j in range(len(layers) - 1, -1, -1):
            yield j, delta
            each, (W, _) = layers[j]
            if isinstance(each, Dense):
                delta = delta @ W.T
            elif isinstance(each, Activate):
                a = values[j + 1].reshape(len(delta), *(1,) * (delta.ndim - 2), -1)
                delta = ACTIVATIONS[each.name].backward(a, delta)
            elif masks and (mask := masks[j]) is not None:
                delta = delta * mask
        yield -1, delta

    def outputs(self, theta: Floats, X: Floats) -> Floats:
        """Return the outputs (N, K) of rows."""
        return self.finish(self.forward(theta, X)[-1])

    def finish(self, last: Floats) -> Floats:
        """Return the outputs from what the loss takes."""
        return ACTIVATIONS[self.ending.final].value(last)

    def evaluate(
        self, theta: Floats, examples: Examples, masks: Sequence[Floats | None] = ()
    ) -> tuple[float, Floats, Floats]:
        """Return ``sum_i w_i loss_i``, its gradient as theta, and the outputs."""
        values = self.forward(theta, examples.X, masks)
        value, delta = self.loss(values[-1], examples)
        gradient = np.zeros_like(theta)
        ends = np.cumsum(self.sizes)
        for j, d in self.back(theta, values, delta, masks):
            if j >= 0 and isinstance(each := self.operations[j], Dense):
                gradient[ends[j] - self.sizes[j] : ends[j]] = each.gradient(values[j], d)
        return value, gradient, self.finish(values[-1])

    def loss(self, last: Floats, examples: Examples) -> tuple[float, Floats]:
        """Return ``sum_i w_i loss_i`` and its derivative with respect to what the loss takes."""
        targets = self.ending.targets(examples.masses(last.shape[-1]))
        found = LOSSES[self.ending.loss](last, targets)
        w, counts = examples.weights, examples.weights != 0  # a row without weight may have an infinite loss
        value = np.multiply(w, found.value, out=np.zeros_like(found.value), where=counts)
        delta = np.multiply(w[:, None], found.derivative, out=np.zeros_like(last), where=counts[:, None])
        return float(value.sum(dtype=np.float64)), delta

    def jacobian(self, theta: Floats, X: Floats) -> Floats:
        """Return dP_k / dx_d of each row (N, K, D): one way back from each output."""
        values = self.forward(theta, X)
        outputs = self.finish(values[-1])
        K = outputs.shape[-1]
        seeds = np.broadcast_to(np.eye(K, dtype=X.dtype), (len(X), K, K))
        delta = ACTIVATIONS[self.ending.final].backward(outputs[:, None, :], seeds)
        return [d for _, d in self.back(theta, values, delta)][-1]
