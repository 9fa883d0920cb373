"""The compiled network: the same formulas as `network`, whole passes and whole epochs without entering Python."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from multilogit import _kernels
from multilogit._arrays import Floats
from multilogit._kernels.activations import ACTIVATIONS
from multilogit._kernels.losses import LOSSES
from multilogit._kernels.metrics import METRICS
from multilogit._objective.examples import Examples
from multilogit._objective.network import Activate, Dense, Network, Operation

__all__ = ["BATCH", "Measure", "gradient", "means", "open_network", "open_training", "outputs"]

BATCH = 1024  # rows of a pass, however many there are: their numbers stay in the cache

# A metric's name, and whether it weighs the rows.
Measure = tuple[str, bool]


def open_network(network: Network, theta: Floats) -> Any:
    """Return the compiled network with these parameters, of their type; None where nothing is compiled."""
    if _kernels.native is None:
        return None
    kind = _kernels.native.NetworkFloat if theta.dtype == np.float32 else _kernels.native.NetworkDouble
    ending = network.ending
    codes = (list(LOSSES).index(ending.loss), ACTIVATIONS[ending.final].code, ending.keep_logits, ending.smoothing)
    compiled = kind(network.inputs, [_described(each) for each in network.operations], codes)
    compiled.load(theta)
    return compiled


def _described(each: Operation) -> tuple[int, int, int, bool, float]:
    if isinstance(each, Dense):
        return 0, 0, each.units, each.bias, 0.0
    if isinstance(each, Activate):
        return 1, ACTIVATIONS[each.name].code, 0, False, 0.0
    return 2, 0, 0, False, each.rate


def open_training(
    compiled: Any,
    examples: Examples,
    *,
    batch_size: int,
    shuffle: bool,
    seed: int,
    rule: tuple[Any, ...],
    measures: Sequence[Measure],
    first_epoch: int,
    iterations: int,
) -> Any:
    """Return the compiled training of a compiled network, which it changes."""
    assert _kernels.native is not None
    kind = _kernels.native.TrainingFloat if examples.X.dtype == np.float32 else _kernels.native.TrainingDouble
    targets = (examples.Y, examples.labels, examples.weight)
    return kind(
        compiled, examples.X, *targets, batch_size, shuffle, seed, rule, _codes(measures), first_epoch, iterations
    )


def _codes(measures: Sequence[Measure]) -> list[tuple[int, bool]]:
    return [(list(METRICS).index(name), weighted) for name, weighted in measures]


def outputs(network: Network, theta: Floats, X: Floats, n_threads: int) -> Floats:
    """Return the outputs (N, K) of rows of theta's type."""
    compiled = open_network(network, theta)
    P = np.empty((len(X), network.widths[-1]), dtype=theta.dtype)
    if compiled is not None:
        compiled.predict(X, P, BATCH, n_threads)
        return P
    for start in range(0, len(X), BATCH):
        with np.errstate(over="ignore", invalid="ignore"):  # judged by who asks
            P[start : start + BATCH] = network.outputs(theta, X[start : start + BATCH])
    return P


def means(
    network: Network, theta: Floats, examples: Examples, measures: Sequence[Measure], n_threads: int
) -> list[float]:
    """Return the mean loss ``sum_i w_i loss_i / N`` and the mean of each metric."""
    compiled = open_network(network, theta)
    if compiled is not None:
        targets = (examples.Y, examples.labels, examples.weight)
        found: list[float] = compiled.evaluate(examples.X, *targets, _codes(measures), BATCH, n_threads)
        return found
    tally = Tally(measures)
    for start in range(0, len(examples), BATCH):
        part = examples.part(start, start + BATCH)
        with np.errstate(over="ignore", invalid="ignore"):
            last = network.forward(theta, part.X)[-1]
            tally.add(network.loss(last, part)[0] / len(part), network.finish(last), part, part.weights)
    return tally.means()


def gradient(network: Network, theta: Floats, examples: Examples, n_threads: int) -> tuple[float, Floats]:
    """Return ``sum_i w_i loss_i`` and its gradient, of theta's shape and type."""
    compiled = open_network(network, theta)
    if compiled is not None:
        G = np.empty_like(theta)
        targets = (examples.Y, examples.labels, examples.weight)
        return compiled.gradient(examples.X, *targets, G, BATCH, n_threads), G
    value, G = 0.0, np.zeros_like(theta)
    for start in range(0, len(examples), BATCH):
        here, change, _ = network.evaluate(theta, examples.part(start, start + BATCH))
        value, G = value + here, G + change
    return value, G


class Tally:
    """Means in the making, of the loss and of metrics: rows count alike, or by their weight where a metric says so."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self.measures = measures
        self.clear()

    def clear(self) -> None:
        """Forget what was added."""
        self.sums, self.weights = np.zeros(1 + len(self.measures)), np.zeros(1 + len(self.measures))

    def add(self, loss: float, P: Floats, examples: Examples, weights: Floats) -> None:
        """Add the mean loss of some rows and, by their outputs, their metrics."""
        self._add(0, np.full(len(P), loss), np.ones(len(P)))
        for j, (name, weighted) in enumerate(self.measures, start=1):
            values = METRICS[name](P, examples.masses(P.shape[-1]))
            self._add(j, values, weights if weighted else np.ones(len(P)))

    def _add(self, j: int, values: Floats, weights: Floats) -> None:
        self.sums[j] += np.dot(values.astype(np.float64), weights)
        self.weights[j] += weights.sum(dtype=np.float64)

    def means(self) -> list[float]:
        """Return the loss and the metrics."""
        pairs = zip(self.sums.tolist(), self.weights.tolist(), strict=True)
        return [total / weight if weight else 0.0 for total, weight in pairs]
