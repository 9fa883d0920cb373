"""Training by mini-batches: epochs over the rows in random order, a step of a rule after each batch.

The objective of a batch of n rows is ``sum_i w_i loss_i / n``. A training is a value in the making that can stop
anywhere between two batches and go on later, to the same bits: for a progress bar, a callback, an interruption. Where
the kernels are compiled it runs in them; else here, by the same formulas and the same random numbers.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

import numpy as np

from multilogit._arrays import Float64, Floats, Integers
from multilogit._objective.batches import masks_of, order_of
from multilogit._objective.examples import Examples
from multilogit._objective.network import Network
from multilogit._objective.network_native import Measure, Tally, open_network, open_training

__all__ = ["Rule", "Schedule", "Stop", "Training", "begin"]


class Rule(Protocol):
    """How weights follow from their gradient."""

    @property
    def slots(self) -> int:
        """How many arrays it keeps beside the weights."""

    @property
    def kept(self) -> int:
        """How many of them it uses."""

    def native(self, rate: float) -> tuple[object, ...]:
        """Return the rule as native/network.hpp numbers it."""

    def move(self, w: Floats, g: Floats, slots: Sequence[Floats], rate: float, step: int) -> None:
        """Move the weights, in place; ``step`` counts from 1."""


class Stop(IntEnum):
    """Why a training came back."""

    DONE = 0
    PAUSED = 1
    NOT_FINITE = 2  # the loss of the next batch; nothing has moved by it


@dataclass(frozen=True)
class Schedule:
    """What is trained and how; ``slots`` and ``iterations`` are those of an earlier training that goes on."""

    network: Network
    examples: Examples
    rule: Rule
    rate: float
    batch_size: int
    shuffle: bool
    seed: int
    measures: tuple[Measure, ...] = ()
    first_epoch: int = 0
    iterations: int = 0
    slots: tuple[Floats, ...] = field(default=())

    def slots_of(self, theta: Floats) -> list[Floats]:
        """Return the rule's arrays, new ones where there were none."""
        new = [np.zeros_like(theta) for _ in range(self.rule.slots - len(self.slots))]
        return [*(each.copy() for each in self.slots[: self.rule.slots]), *new]


class Training(Protocol):
    """A training under way."""

    def run(self, epochs: int, batches: int | None, seconds: float, n_threads: int) -> Stop:
        """Go on until so many epochs are done in all, or so many batches or seconds have passed from now."""

    @property
    def epochs(self) -> int:
        """Epochs done."""

    @property
    def batches(self) -> int:
        """Batches done of the present epoch."""

    @property
    def iterations(self) -> int:
        """Steps of the rule, those before this training included."""

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to gain, however many epochs are asked for."""

    def history(self) -> Float64:
        """Return loss and metrics of the epochs that were not asked for yet, a row each."""

    def means(self) -> list[float]:
        """Return loss and metrics of the present epoch so far, or of the last one."""

    def theta(self) -> Floats:
        """Return the parameters."""

    def slots(self) -> tuple[Floats, ...]:
        """Return the rule's arrays."""

    def load(self, theta: Floats) -> None:
        """Go on from other parameters."""

    def set_rate(self, rate: float) -> None:
        """Go on with another learning rate."""

    def first_not_finite(self) -> tuple[int, bool]:
        """Return the first operation whose weights (True), or else whose numbers, are not finite; -1 for none."""


def begin(schedule: Schedule, theta: Floats) -> Training:
    """Return a training from these parameters, compiled where the kernels are."""
    compiled = open_network(schedule.network, theta)
    return ReferenceTraining(schedule, theta) if compiled is None else NativeTraining(schedule, theta, compiled)


class NativeTraining:
    """A training in the compiled kernels."""

    ended = False

    def __init__(self, schedule: Schedule, theta: Floats, compiled: Any) -> None:
        self._network, self._rule, self._like = compiled, schedule.rule, theta
        self._columns = 1 + len(schedule.measures)
        for i, slot in enumerate(schedule.slots_of(theta)):
            compiled.load_slot(i, slot)
        self._training = open_training(
            compiled,
            schedule.examples,
            batch_size=schedule.batch_size,
            shuffle=schedule.shuffle,
            seed=schedule.seed,
            rule=schedule.rule.native(schedule.rate),
            measures=schedule.measures,
            first_epoch=schedule.first_epoch,
            iterations=schedule.iterations,
        )

    def run(self, epochs: int, batches: int | None, seconds: float, n_threads: int) -> Stop:
        most = 2**63 if batches is None else batches
        return Stop(self._training.run(epochs, most, min(seconds, 1e9), n_threads))

    @property
    def epochs(self) -> int:
        return int(self._training.epochs)

    @property
    def batches(self) -> int:
        return int(self._training.batches)

    @property
    def iterations(self) -> int:
        return int(self._training.iterations)

    def history(self) -> Float64:
        out = np.empty(self._training.recorded)
        self._training.history(out)
        return out.reshape(-1, self._columns)

    def means(self) -> list[float]:
        found: list[float] = self._training.means()
        return found

    def theta(self) -> Floats:
        theta = np.empty_like(self._like)
        self._network.save(theta)
        return theta

    def slots(self) -> tuple[Floats, ...]:
        found = [np.empty_like(self._like) for _ in range(self._rule.slots)]
        for i, slot in enumerate(found):
            self._network.save_slot(i, slot)
        return tuple(found)

    def load(self, theta: Floats) -> None:
        self._network.load(theta)

    def set_rate(self, rate: float) -> None:
        self._training.set_rate(rate)

    def first_not_finite(self) -> tuple[int, bool]:
        found: tuple[int, bool] = self._network.first_not_finite()
        return found


class ReferenceTraining:
    """The same in NumPy."""

    ended = False

    def __init__(self, schedule: Schedule, theta: Floats) -> None:
        self._schedule, self._theta, self._rate = schedule, theta.copy(), schedule.rate
        self._slots = schedule.slots_of(theta)
        self._tally, self._rows = Tally(schedule.measures), list[list[float]]()
        self._order: Integers = np.arange(len(schedule.examples))
        self._last: list[Floats] = []
        self.epochs, self.batches, self.iterations = 0, 0, schedule.iterations

    def run(self, epochs: int, batches: int | None, seconds: float, n_threads: int) -> Stop:  # noqa: ARG002
        end, left = time.monotonic() + seconds, math.inf if batches is None else batches
        per_epoch = -(-len(self._schedule.examples) // self._schedule.batch_size)
        while self.epochs < epochs and left > 0:
            if self.batches == 0:
                self._begin_epoch()
            if not self._step():
                return Stop.NOT_FINITE
            left -= 1
            if self.batches == per_epoch:
                self._rows.append(self._tally.means())
                self.epochs, self.batches = self.epochs + 1, 0
            if time.monotonic() >= end:
                break
        return Stop.DONE if self.epochs >= epochs else Stop.PAUSED

    def _begin_epoch(self) -> None:
        each = self._schedule
        self._tally.clear()
        if each.shuffle and len(each.examples) > each.batch_size:
            self._order = order_of(len(each.examples), each.seed, each.first_epoch + self.epochs)

    def _step(self) -> bool:
        each, first = self._schedule, self.batches * self._schedule.batch_size
        which = self._order[first : first + each.batch_size]
        batch = each.examples.rows(which)
        masks = masks_of(each.network, len(which), each.seed, self.iterations, self._theta.dtype)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # judged by the loss
            self._last = each.network.forward(self._theta, batch.X, masks)
            loss, gradient, P = each.network.evaluate(self._theta, batch, masks)
        if not math.isfinite(loss):
            return False
        self._tally.add(loss, P, batch, each.examples.weights[which])
        self.iterations, self.batches = self.iterations + 1, self.batches + 1
        with np.errstate(over="ignore", invalid="ignore"):
            each.rule.move(self._theta, gradient, self._slots, self._rate, self.iterations)
        return True

    def history(self) -> Float64:
        rows, self._rows = self._rows, []
        return np.array(rows, dtype=np.float64).reshape(-1, 1 + len(self._schedule.measures))

    def means(self) -> list[float]:
        return self._tally.means()

    def theta(self) -> Floats:
        return self._theta.copy()

    def slots(self) -> tuple[Floats, ...]:
        return tuple(each.copy() for each in self._slots)

    def load(self, theta: Floats) -> None:
        self._theta = theta.copy()

    def set_rate(self, rate: float) -> None:
        self._rate = rate

    def first_not_finite(self) -> tuple[int, bool]:
        network = self._schedule.network
        for j, (W, b) in enumerate(network.weights(self._theta)):
            if not (np.isfinite(W).all() and (b is None or np.isfinite(b).all())):
                return j, True
        found = (j for j, values in enumerate(self._last[1:]) if not np.isfinite(values).all())
        return next(found, -1), False
