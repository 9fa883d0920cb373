"""The loop of a fit: epochs in the kernels, callbacks and validation between them, one consistent model at the end."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from multilogit._arrays import Floats
from multilogit._objective.examples import Examples
from multilogit._objective.network import Network
from multilogit._objective.network_native import Measure, means
from multilogit._solvers.mini_batches import Stop, Training
from multilogit._threads import resolve_threads
from multilogit.errors import DivergenceError
from multilogit.networks._data import first_not_finite
from multilogit.networks._progress import Progress, epoch_line, finished_line, show_progress
from multilogit.networks.callbacks import Callback, History

__all__ = ["Fit", "Validation"]

_EPOCH = ("on_epoch_begin", "on_epoch_end")
_BATCH = ("on_train_batch_begin", "on_train_batch_end")
_LOOK = 0.1  # seconds after which the history is taken over and the progress bar looks


@dataclass(frozen=True)
class Validation:
    """Rows to validate on, and after which epochs: every so many, or those named, counted from 1."""

    examples: Examples
    frequency: int | Sequence[int] = 1

    def wanted(self, epoch: int) -> bool:
        """Return whether it is its turn after an epoch, counted from 0."""
        if isinstance(self.frequency, int):
            return (epoch + 1) % self.frequency == 0
        return epoch + 1 in self.frequency


class Holder(Protocol):
    """The model as a fit sees it: its parameters, and whether a callback asks it to stop."""

    stop_training: bool
    theta: Floats | None

    def follow_rate(self, training: Training) -> None:
        """Let a training go on with the optimizer's present learning rate."""


@dataclass
class Fit:
    """A fit under way; `run` ends with the model's parameters as they are after its last whole batch."""

    model: Holder
    network: Network
    training: Training
    examples: Examples
    names: list[str]
    measures: tuple[Measure, ...]
    epochs: range
    steps: int
    verbose: int
    asked: bool  # verbose was given, not "auto"
    validation: Validation | None
    callbacks: Sequence[Callback]
    history: History
    layer_of_operation: Sequence[str]
    n_threads: int = field(default_factory=resolve_threads)

    def run(self) -> None:
        """Train until the epochs are done or a callback ends it."""
        begun, start = self.model.theta, time.perf_counter()
        self.model.stop_training = False
        self._tell("on_train_begin")
        try:
            with show_progress(self.epochs.stop, self.epochs.start, wanted=self.verbose == 1) as progress:
                while not self._ended():
                    self._advance(progress)
        except DivergenceError:
            self._record_finished()  # the losses that led there
            self.model.theta = begun
            raise
        except BaseException:
            self._record_finished()
            self.model.theta = self.training.theta()
            raise
        self.model.theta = self.training.theta()
        self._check_weights(begun)
        self._tell("on_train_end", self.history.last())
        self._say_end(time.perf_counter() - start)

    def _check_weights(self, begun: Floats | None) -> None:
        """Raise where the very last step has left weights that are not finite: no loss was computed from them."""
        if self.model.theta is not None and not np.isfinite(self.model.theta).all():
            self.model.theta = begun
            raise DivergenceError(self._divergence(last=True))

    def _ended(self) -> bool:
        return len(self.history) >= len(self.epochs) or self.model.stop_training or self.training.ended

    def _advance(self, progress: Progress | None) -> None:
        """Go on by one epoch where somebody asks after each, else until the bar looks again."""
        done = len(self.history)
        if not self._by_epoch:
            self._train(len(self.epochs), None, _LOOK)
            self._record_finished()
        else:
            epoch, start = self.epochs[done], time.perf_counter()
            self._tell("on_epoch_begin", epoch)
            self._one_epoch(done + 1, progress)
            self._record_one(epoch, start)
        if progress is not None:
            part = self.training.batches / self.steps
            progress(len(self.history) + part, self.history.last())

    @property
    def _by_epoch(self) -> bool:
        """Whether somebody asks after each epoch."""
        return self.validation is not None or self.verbose == 2 or self._overridden(*_EPOCH, *_BATCH)

    def _one_epoch(self, target: int, progress: Progress | None) -> None:
        by_batch = self._overridden(*_BATCH)
        while self.training.epochs < target and not self.training.ended:
            batch = self.training.batches
            if by_batch:
                self._tell("on_train_batch_begin", batch)
            self._train(target, 1 if by_batch else None, math.inf if progress is None else _LOOK)
            if by_batch:
                self._tell("on_train_batch_end", batch, dict(zip(self.names, self.training.means(), strict=True)))
            if progress is not None:
                progress(self.training.epochs + self.training.batches / self.steps, self.history.last())

    def _train(self, epochs: int, batches: int | None, seconds: float) -> None:
        if self.training.run(epochs, batches, seconds, self.n_threads) is Stop.NOT_FINITE:
            raise DivergenceError(self._divergence())

    def _record_finished(self) -> None:
        """Put the epochs that are done, and that nobody asked about, into the history."""
        rows = self.training.history()
        epochs = self.epochs[len(self.history) :][: len(rows)]
        self.history.record(epochs, dict(zip(self.names, rows.T, strict=True)))

    def _record_one(self, epoch: int, start: float) -> None:
        """Put one epoch into the history: validated, told to the callbacks, said."""
        rows = self.training.history().tolist()
        if not rows:
            return
        logs = dict(zip(self.names, rows[0], strict=True))
        if self.validation is not None and self.validation.wanted(epoch):
            logs |= self._validated()
        try:
            self._tell("on_epoch_end", epoch, logs)
        finally:  # the epoch is done, whatever a callback raises
            self.history.record([epoch], {name: np.array([value]) for name, value in logs.items()})
        if self.verbose == 2:
            head = f"Epoch {epoch + 1}/{self.epochs.stop}\n" if self.epochs.stop > 1 else ""
            print(f"{head}{epoch_line(self.steps, time.perf_counter() - start, logs)}")  # noqa: T201

    def _validated(self) -> dict[str, float]:
        assert self.validation is not None
        found = means(self.network, self.training.theta(), self.validation.examples, self.measures, self.n_threads)
        if not math.isfinite(found[0]):
            place = first_not_finite("validation_data's x", self.validation.examples.X)
            raise DivergenceError(
                f"Training stopped in epoch {self.epochs[len(self.history)] + 1}: the loss of the validation data is "
                f"not finite; {place or 'it overflowed'}. The model keeps the weights from before this fit. "
                "Remove such rows, or fill the numbers in."
            )
        return {f"val_{name}": value for name, value in zip(self.names, found, strict=False)}

    def _tell(self, what: str, *arguments: object) -> None:
        """Call every callback that overrides a method, with the model's parameters up to date and taken back."""
        told = [each for each in self.callbacks if _overrides(each, what)]
        if not told:
            return
        self.model.theta = given = self.training.theta()
        for each in told:
            getattr(each, what)(*arguments)
        if self.model.theta is not given and self.model.theta is not None:
            self.training.load(self.model.theta)
        self.model.follow_rate(self.training)

    def _overridden(self, *names: str) -> bool:
        return any(_overrides(each, name) for each in self.callbacks for name in names)

    def _say_end(self, seconds: float) -> None:
        if self.verbose == 1 and self.asked:
            done = len(self.history)
            print(finished_line(done, seconds, self.history.last(), "epoch"))  # noqa: T201

    def _divergence(self, *, last: bool = False) -> str:
        """Say what is not finite and what to do; ``last``: weights, after the last step, where no loss is computed."""
        kept = "The model keeps the weights from before this fit."
        for name, array in (("x", self.examples.X), ("y", self.examples.Y), ("sample_weight", self.examples.weight)):
            if (place := first_not_finite(name, array)) is not None:
                return (
                    f"Training stopped: {place}, so the loss is not finite. {kept} "
                    "Remove such rows, or fill the numbers in."
                )
        operation, weights = self.training.first_not_finite()
        if operation >= 0:
            layer = self.layer_of_operation[operation]
            who = f"the {'weights' if weights else 'outputs'} of the layer {layer!r} overflowed first"
        else:
            who = "the loss itself overflowed, from outputs that are finite"
        epoch = self.epochs[min(self.training.epochs, len(self.epochs) - 1)]
        where = f"in epoch {epoch + 1}, batch {self.training.batches + 1}: the loss is not finite"
        if last:
            where = "with its last step: the weights are not finite"
        return (
            f"Training stopped {where}; {who}. "
            f"{kept} Take a smaller learning rate, scale the columns of x to about one, or take another optimizer, "
            "such as Adam."
        )


def _overrides(callback: Callback, name: str) -> bool:
    return getattr(type(callback), name, None) is not getattr(Callback, name) and hasattr(callback, name)
