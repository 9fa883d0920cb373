"""From training data and settings to an objective: scikit-learn's model in multilogit's letters."""

import numpy as np

from multilogit._arrays import Float64
from multilogit._data.open import open_source
from multilogit._objective.layout import Layout
from multilogit._objective.penalty import L2
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit.estimators.training_data import TrainingData

__all__ = ["build_objective", "build_stack"]


def build_objective(data: TrainingData, C: float, *, fit_intercept: bool, n_threads: int) -> SoftmaxRegression:
    """Return ``C sum_i w_i loss_i + 1/2 |W|^2``, or the plain likelihood for ``C = inf``."""
    return build_stack(data, np.array([C]), None, fit_intercept=fit_intercept, n_threads=n_threads)


def build_stack(
    data: TrainingData, Cs: Float64, weight: Float64 | None, *, fit_intercept: bool, n_threads: int
) -> SoftmaxRegression:
    """Return every C (M,) under every column of weights (N, F) as F M stacked problems, those of a column together.

    Without columns of weights they are the data's own.

    A class without weight is masked out. Where that leaves two of more classes, their rows are +-w/2 and the
    penalty is doubled, which is the binary model's ``1/2 |w|^2``: a class without weight changes nothing.
    """
    n_features, n_classes = int(data.X.shape[1]), len(data.classes)
    if weight is None:
        weight, present = data.weight[:, None], data.present[None, :]
    else:
        present = np.stack([np.bincount(data.labels, weights=w, minlength=n_classes) > 0 for w in weight.T])
    n_folds = weight.shape[1]
    fold, C = np.arange(n_folds).repeat(len(Cs)), np.tile(Cs, n_folds)
    present = present[fold]
    free = np.isinf(C)
    strength = np.where(free, 0.0, np.where((n_classes > 2) & (present.sum(axis=1) == 2), 2.0, 1.0))
    source = open_source(data.X, data.labels, n_classes, weight=weight, centred=fit_intercept, n_problems=len(fold))
    return SoftmaxRegression(
        source,
        Layout(n_features, n_classes, present, fit_intercept),
        L2(np.full((n_features, len(fold)), strength)),
        np.where(free, 1.0, C),
        n_threads,
        fold,
    )
