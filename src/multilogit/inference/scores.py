"""What predicted probabilities cost in every row; means of these are the scores."""

from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Float64, Integers

__all__ = ["RowScores", "class_shares", "row_scores"]


@dataclass(frozen=True)
class RowScores:
    """Of every row (N,): ``log_loss`` -log p_y, ``brier`` |p - e_y|^2 (half of it for two classes), ``correct`` 0 or 1.

    The scales are scikit-learn's.
    """

    log_loss: Float64
    brier: Float64
    correct: Float64


def row_scores(codes: Integers, log_P: Float64) -> RowScores:
    """Return the scores of predicted log-probabilities (N, K), where ``codes`` (N,) are the places of the classes.

    Examples
    --------
    >>> scores = row_scores(np.array([0, 1]), np.log([[0.5, 0.3, 0.2], [0.6, 0.25, 0.15]]))
    >>> scores.log_loss.round(4), scores.brier.round(4), scores.correct
    (array([0.6931, 1.3863]), array([0.38 , 0.945]), array([1., 0.]))
    """
    rows = np.arange(len(codes))
    P = np.exp(log_P)
    P[rows, codes] -= 1.0
    brier = np.square(P).sum(axis=1) * (0.5 if P.shape[1] == 2 else 1.0)
    return RowScores(-log_P[rows, codes], brier, (log_P.argmax(axis=1) == codes).astype(np.float64))


def class_shares(codes: Integers, n_classes: int, weight: Float64) -> Float64:
    """Return each class's share of the weight, (K,).

    Examples
    --------
    >>> class_shares(np.array([0, 1, 1, 1]), 2, np.ones(4))
    array([0.25, 0.75])
    """
    return np.asarray(np.bincount(codes, weights=weight, minlength=n_classes) / weight.sum())
