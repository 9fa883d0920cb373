"""The same lines for Keras and for multilogit.networks, whose names and arguments are Keras's."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.networks.base import SEED, Outcome, Training
from benchmarks.networks.works import Task

__all__ = ["keras_shaped"]


def keras_shaped(
    task: Task, Sequential: Callable[..., Any], layers: Any, optimizers: Any, set_seed: Callable[[int], Any]
) -> Training:
    """Return the training by a `Sequential`; ``layers`` and ``optimizers`` are what holds their classes."""
    work = task.work
    D, H, K = task.sizes

    def build() -> Any:
        set_seed(SEED)
        model = Sequential(
            [layers.Input((D,)), layers.Dense(H, activation=work.activation), layers.Dense(K, activation=work.output)]
        )
        optimizer = getattr(optimizers, work.optimiser)(learning_rate=work.learning_rate)
        model.compile(optimizer=optimizer, loss=work.loss)
        return model

    def train(model: Any) -> Any:
        how = {"batch_size": work.batch, "epochs": task.epochs, "shuffle": work.shuffled}
        return model, model.fit(task.X, task.Y, verbose=0, **how)

    def outcome(trained: Any) -> Outcome:
        model, history = trained
        epochs = len(history.history["loss"])
        return Outcome(np.asarray(model.predict(task.X, verbose=0)), epochs * work.batches)

    return Training(build, train, outcome)
