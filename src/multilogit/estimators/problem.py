"""From training data and settings to an objective: scikit-learn's model in multilogit's letters."""

import numpy as np

from multilogit._data.open import open_source
from multilogit._objective.layout import Layout
from multilogit._objective.penalty import L2
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit.estimators.training_data import TrainingData

__all__ = ["build_objective"]


def build_objective(data: TrainingData, C: float, *, fit_intercept: bool, n_threads: int) -> SoftmaxRegression:
    """Return ``C sum_i w_i loss_i + 1/2 |W|^2``, or the plain likelihood for ``C = inf``.

    A class without weight is masked out. Where that leaves two of more classes, their rows are +-w/2 and the
    penalty is doubled, which is the binary model's ``1/2 |w|^2``: a class without weight changes nothing.
    """
    n_features, n_classes = int(data.X.shape[1]), len(data.classes)
    layout = Layout(n_features, n_classes, data.present[None, :], fit_intercept)
    strength = 0.0 if np.isinf(C) else 1.0
    if n_classes > 2 and data.present.sum() == 2:
        strength *= 2.0
    scale = 1.0 if np.isinf(C) else C
    source = open_source(data.X, data.labels, n_classes, weight=data.weight, centred=fit_intercept)
    penalty = L2(np.full((n_features, 1), strength))
    return SoftmaxRegression(source, layout, penalty, np.array([scale]), n_threads)
