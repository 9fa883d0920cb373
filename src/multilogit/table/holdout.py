"""Holding out rows: stratified by class, and the same rows for the same seed on every machine and version."""

import numpy as np

from multilogit._arrays import Array

__all__ = ["draw"]


def draw(labels: Array, share: float, seed: int) -> Array:
    """Return which rows are held out.

    Of a class with n rows, ``floor(share n + 1/2)`` are drawn, but at most n - 1, so that every class is
    left in the rows to fit. The rows are those whose random 64-bit numbers are smallest within the class; the
    numbers are the raw stream of PCG64, which NumPy guarantees not to change.

    Parameters
    ----------
    labels : (N,) array
    share : float
        In [0, 1).
    seed : int
        At least 0.

    Returns
    -------
    (N,) bool array

    Examples
    --------
    >>> held = draw(np.array(["a"] * 8 + ["b"] * 4 + ["c"]), share=0.25, seed=0)
    >>> int(held[:8].sum()), int(held[8:12].sum()), int(held[12:].sum())
    (2, 1, 0)
    """
    numbers = np.random.PCG64(seed).random_raw(labels.size)
    held = np.zeros(labels.size, dtype=bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(int(share * rows.size + 0.5), rows.size - 1)
        held[rows[np.argsort(numbers[rows], kind="stable")[:count]]] = True
    return held
