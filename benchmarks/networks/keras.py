"""Keras 3 on PyTorch, the backend that is installed for a rival of its own."""

import os
import tempfile

from benchmarks.networks.base import Training
from benchmarks.networks.keras_shaped import keras_shaped
from benchmarks.networks.works import Task

__all__ = ["keras_training"]


def keras_training(task: Task) -> Training:
    """Return the training by `keras.Sequential`."""
    # Keras writes its settings into a folder when it is imported, by default the user's, and would read his.
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"KERAS_BACKEND": "torch", "KERAS_HOME": folder}
        import keras

    keras.config.set_floatx(task.dtype)
    return keras_shaped(task, keras.Sequential, keras.layers, keras.optimizers, keras.utils.set_random_seed)
