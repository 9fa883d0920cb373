"""multilogit.networks, by the lines that Keras is given."""

from functools import partial

from benchmarks.networks.base import Training
from benchmarks.networks.keras_shaped import keras_shaped
from benchmarks.networks.works import Task

__all__ = ["multilogit_training"]


def multilogit_training(task: Task) -> Training:
    """Return the training by `multilogit.networks.Sequential`."""
    from multilogit import networks

    sequential = partial(networks.Sequential, dtype=task.dtype)
    return keras_shaped(task, sequential, networks, networks, networks.set_random_seed)
