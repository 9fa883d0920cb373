"""Metrics of rows: what is averaged beside the loss. The reference kernels.

Each takes outputs P (N, K) and targets, Y (N, K) or labels (N,), and returns one number a row. Two classes are told
apart at 0.5; of equal largest numbers the first counts.
"""

from collections.abc import Callable

import numpy as np

from multilogit._arrays import Floats
from multilogit._kernels.losses import LOSSES

__all__ = ["METRICS"]

Metric = Callable[[Floats, Floats], Floats]


def _accuracy(P: Floats, Y: Floats) -> Floats:
    return np.asarray(P.argmax(axis=-1) == Y.argmax(axis=-1), dtype=np.float64)


# In the order of native/metrics.hpp; labels come as one-hot rows.
METRICS: dict[str, Metric] = {
    "binary_accuracy": lambda P, Y: ((P > 0.5) == Y).mean(axis=-1),
    "categorical_accuracy": _accuracy,
    "sparse_categorical_accuracy": _accuracy,
    "mean_squared_error": lambda P, Y: LOSSES["squared_error"](P, Y).value,
    "mean_absolute_error": lambda P, Y: np.abs(P - Y).mean(axis=-1),
    "binary_crossentropy": lambda P, Y: LOSSES["binary_cross_entropy"](P, Y).value,
    "categorical_crossentropy": lambda P, Y: LOSSES["categorical_cross_entropy"](P, Y).value,
}
