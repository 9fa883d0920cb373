"""Scores of predicted probabilities, beside those of the classes' shares alone."""

import numpy as np

from multilogit._arrays import Array, Float64

__all__ = ["accuracy", "class_shares", "log_loss"]


def log_loss(codes: Array, log_P: Float64, weight: Float64) -> float:
    """Return the mean loss of the true classes: -sum_i w_i log p_{i, y_i} / sum_i w_i.

    Parameters
    ----------
    codes : (N,) array of int
        The place of each row's class.
    log_P : (N, K) array
        Logarithms of the predicted probabilities.
    weight : (N,) array

    Examples
    --------
    >>> round(log_loss(np.array([0, 1]), np.log([[0.5, 0.5], [0.75, 0.25]]), np.ones(2)), 6)
    1.039721
    """
    return float(-(weight * log_P[np.arange(codes.size), codes]).sum() / weight.sum())


def accuracy(codes: Array, log_P: Float64, weight: Float64) -> float:
    """Return the weighted share of rows whose most probable class is the true one.

    Examples
    --------
    >>> accuracy(np.array([0, 1]), np.log([[0.6, 0.4], [0.75, 0.25]]), np.array([3.0, 1.0]))
    0.75
    """
    return float((weight * (log_P.argmax(axis=1) == codes)).sum() / weight.sum())


def class_shares(codes: Array, classes: int, weight: Float64) -> Float64:
    """Return each class's share of the weight, (K,).

    Examples
    --------
    >>> class_shares(np.array([0, 1, 1, 1]), 2, np.ones(4))
    array([0.25, 0.75])
    """
    shares: Float64 = np.bincount(codes, weights=weight, minlength=classes) / weight.sum()
    return shares
