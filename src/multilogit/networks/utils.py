"""Beside the models: the seed of everything random, and one-hot rows."""

import operator
from typing import Any

import numpy as np

from multilogit._arrays import Float64
from multilogit.errors import InputError
from multilogit.functional import one_hot
from multilogit.networks._seed import set_random_seed

__all__ = ["set_random_seed", "to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None) -> Float64:
    """Return class numbers as one-hot rows (N, K).

    Parameters
    ----------
    x : array-like of shape (N,) or (N, 1)
        Class numbers from 0.
    num_classes : int or None
        K; None: as many as the largest number says.

    Examples
    --------
    >>> from multilogit.networks.utils import to_categorical
    >>> print(to_categorical([0, 2]))
    [[1. 0. 0.]
     [0. 0. 1.]]
    """
    labels = np.asarray(x)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iub" or labels.size == 0 or labels.min() < 0:
        raise InputError(f"x must be class numbers from 0. Got an array of shape {labels.shape} of {labels.dtype}.")
    K = int(labels.max()) + 1 if num_classes is None else operator.index(num_classes)
    return np.asarray(one_hot(labels.astype(np.int64), K), dtype=np.float64)
