"""Callbacks: what is asked, or told, between epochs and batches of a fit."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from multilogit._arrays import Float64
from multilogit.errors import InputError

__all__ = ["Callback", "EarlyStopping", "History"]

Logs = Mapping[str, float]


class Callback:
    """Base class: override what you need, and set ``self.model.stop_training = True`` to end the fit.

    Epochs run without entering Python where no callback overrides `on_epoch_begin` or `on_epoch_end`, and batches where
    none overrides `on_train_batch_begin` or `on_train_batch_end`.

    Attributes
    ----------
    model : Sequential
    params : dict
        "verbose", "epochs", "steps" (batches of an epoch).
    """

    model: Any
    params: dict[str, Any]

    def set_model(self, model: Any) -> None:
        """Remember the model."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Remember the parameters of the fit."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Be told that the fit begins."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Be told that it ends, with what the last epoch gave."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Be told that an epoch begins, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Be told loss and metrics of an epoch, those of validation with "val_" before their name."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Be told that a batch begins, counted from 0."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Be told the means of loss and metrics of the epoch so far."""


class History(Callback):
    """What `Sequential.fit` returns: loss and metrics of every epoch.

    Attributes
    ----------
    history : dict of str to list of float
        "loss", the metrics, and with validation data the same with "val_" before their name, in alphabetical order.
    epoch : list of int
        The epochs, counted from 0.
    params : dict
        "verbose", "epochs", "steps" (batches of an epoch).
    """

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self._length = 0
        self._parts: list[tuple[Sequence[int], dict[str, Float64]]] = []
        self._known: tuple[int, dict[str, list[float]], list[int]] = (0, {}, [])

    @property
    def history(self) -> dict[str, list[float]]:
        """Loss and metrics by name."""
        return self._lists()[1]

    @property
    def epoch(self) -> list[int]:
        """The epochs."""
        return self._lists()[2]

    def __len__(self) -> int:
        return self._length

    def last(self) -> dict[str, float]:
        """Return loss and metrics of the last epoch."""
        return {name: float(values[-1]) for name, values in self._parts[-1][1].items()} if self._parts else {}

    def _lists(self) -> tuple[int, dict[str, list[float]], list[int]]:
        """Return what was recorded as lists: made when asked for, as there may be very many epochs."""
        seen, lists, epoch = self._known
        for epochs, logs in self._parts[seen:]:
            epoch.extend(epochs)
            for name, values in logs.items():
                lists.setdefault(name, []).extend(values.tolist())
        if seen < len(self._parts):
            self._known = (len(self._parts), {name: lists[name] for name in sorted(lists)}, epoch)
        return self._known

    def frame(self, backend: str = "pandas") -> Any:
        """Return the history as a data frame with the column "epoch" first, a row per epoch.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}

        Raises
        ------
        InputError
            If there is no such library here.
        """
        try:
            return nw.from_dict({"epoch": np.array(self.epoch), **self._even()}, backend=backend).to_native()  # type: ignore[arg-type]
        except (ImportError, ValueError, TypeError) as error:
            raise InputError(
                f"backend must be 'pandas', 'polars' or 'pyarrow', and installed. Got {backend!r} ({error})."
            ) from None

    def _even(self) -> dict[str, Float64]:
        """Return columns of one length: what an epoch did not have is NaN."""
        columns = {name: np.full(len(self), np.nan) for name in self.history}
        start = 0
        for epochs, logs in self._parts:
            for name, values in logs.items():
                columns[name][start : start + len(epochs)] = values
            start += len(epochs)
        return columns

    def record(self, epochs: Sequence[int], logs: Mapping[str, Float64]) -> None:
        """Add epochs, with as many numbers of each name."""
        if len(epochs):
            self._parts.append((epochs, dict(logs)))
            self._length += len(epochs)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {value:.4g}" for name, value in sorted(self.last().items()))
        return f"<History of {len(self)} epochs{': ' + last if last else ''}>"


class EarlyStopping(Callback):
    """End a fit when what is monitored has not improved for ``patience`` epochs.

    Parameters
    ----------
    monitor : str
        A name of the history, such as "val_loss".
    min_delta : float
        What counts as better must be better by more.
    patience : int
        Epochs without improvement after which the fit ends.
    verbose : int
        1: say in a line that the fit ended, and at which epoch.
    mode : {"auto", "min", "max"}
        Whether small or large is good; "auto": accuracies are to be large, all else small.
    baseline : float or None
        What has to be beaten for patience to begin anew.
    restore_best_weights : bool
        Leave the model with the weights of its best epoch; without it, with those of the last.
    start_from_epoch : int
        Epochs before are not looked at.

    Attributes
    ----------
    best : float or None
    best_epoch : int
    stopped_epoch : int
        0 where the fit was not ended.

    Examples
    --------
    >>> from multilogit.networks import EarlyStopping
    >>> EarlyStopping(patience=3).monitor
    'val_loss'
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        if mode not in {"auto", "min", "max"}:
            raise InputError(f"mode must be 'auto', 'min' or 'max'. Got {mode!r}.")
        self.monitor, self.min_delta, self.patience, self.verbose = monitor, abs(min_delta), patience, verbose
        self.mode, self.baseline, self.start_from_epoch = mode, baseline, start_from_epoch
        self.restore_best_weights = restore_best_weights
        self.on_train_begin()

    def on_train_begin(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Begin to count."""
        self.best: float | None = None
        self.best_epoch, self.wait, self.stopped_epoch = 0, 0, 0
        self.best_weights: Any = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare with the best so far."""
        known = logs or {}
        if self.monitor not in known:
            return  # an epoch without validation, as validation_freq says
        if epoch < self.start_from_epoch:
            return
        current = float(known[self.monitor])
        if self.restore_best_weights and self.best_weights is None:
            self._remember(epoch)
        self.wait += 1
        if self._better(current, self.best):
            self.best = current
            self._remember(epoch)
            if self.baseline is None or self._better(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _remember(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def _better(self, current: float, than: float | None) -> bool:
        if than is None:
            return True
        larger = self.mode == "max" or (self.mode == "auto" and self.model.larger_is_better(self.monitor))
        return bool(current - self.min_delta > than if larger else np.less(current + self.min_delta, than))

    def on_train_end(self, logs: Logs | None = None) -> None:  # noqa: ARG002
        """Restore the best weights, and say so."""
        if self.verbose and self.stopped_epoch:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")  # noqa: T201
        if self.best_weights is not None:
            if self.verbose:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")  # noqa: T201
            self.model.set_weights(self.best_weights)
