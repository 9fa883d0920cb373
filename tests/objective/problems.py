"""Small random problems, and one problem of a stacked family."""

from dataclasses import replace

import numpy as np
from tables import SOURCES

from multilogit._data.open import open_source
from multilogit._objective.layout import Layout
from multilogit._objective.penalty import L2
from multilogit._objective.softmax_regression import SoftmaxRegression

__all__ = ["objective_of", "one_of", "parameters", "problem"]


def objective_of(X, targets, K, *, C=1.0, weight=None, offset=None, mask=None, fit_intercept=True, rows_per_block=None):
    """Return the objective of data; C is one number, or one per stacked problem; C = inf is unpenalised."""
    scale = np.atleast_1d(np.asarray(C, dtype=np.float64))
    R, D = len(scale), X.shape[1]
    if weight is None:
        weight = np.ones((X.shape[0], R))
    source = open_source(X, targets, K, weight=weight, offset=offset, centred=fit_intercept)
    if rows_per_block is not None:
        source = replace(source, rows_per_block=rows_per_block)
    mask = np.ones((R, K), bool) if mask is None else np.asarray(mask)
    strength = np.where(np.isinf(scale), 0.0, 1.0) * np.ones((D, 1))
    scale = np.where(np.isinf(scale), 1.0, scale)
    return SoftmaxRegression(source, Layout(D, K, mask, fit_intercept), L2(strength), scale)


def problem(
    K=3, D=4, N=37, *, C=1.0, weighted=False, soft=False, offset=False, mask=None, fit_intercept=True,
    source="C order", rows_per_block=8, seed=0,
):  # fmt: skip
    """Return a random problem of columns with different scales and means, in several blocks.

    Every class has rows; a class out of play has no weight. Soft targets have masses from 0 to 3.
    """
    rng = np.random.default_rng([seed, K, D, N])
    R = np.size(C)
    X = rng.normal(size=(N, D)) * np.logspace(-1, 1, D) + rng.normal(size=D)
    X[rng.random((N, D)) < 0.3] = 0.0
    labels = rng.permutation(np.arange(N) % K)
    weight = rng.choice([0.0, 0.5, 1.0, 3.0], size=(N, R)) if weighted else np.ones((N, R))
    targets = labels
    if soft:
        targets = rng.dirichlet(np.ones(K), size=N) * rng.choice([0.0, 0.3, 1.0, 3.0], size=(N, 1))
    if mask is not None:
        weight = weight * np.asarray(mask).T[labels]
    return objective_of(
        SOURCES[source](X),
        targets,
        K,
        C=C,
        weight=weight,
        offset=rng.normal(size=(N, K)) if offset else None,
        mask=mask,
        fit_intercept=fit_intercept,
        rows_per_block=rows_per_block,
    )


def one_of(objective, r):
    """Return problem r of a stacked family as a family of one."""
    return replace(
        objective,
        source=replace(objective.source, weight=objective.source.weight[:, r : r + 1]),
        layout=replace(objective.layout, class_mask=objective.layout.class_mask[r : r + 1]),
        penalty=L2(objective.penalty.strength[:, r : r + 1]),
        scale=objective.scale[r : r + 1],
        fold=None,
    )


def parameters(objective, scale=1.0, seed=0):
    """Return random parameters; rows of classes sum to zero and classes out of play have zeros, as in a fit."""
    layout = objective.layout
    rng = np.random.default_rng(seed)
    columns = []
    for E in layout.contrasts:
        columns.append(rng.normal(size=(layout.n_rows, E.shape[1])) @ E.T)
    return scale * np.stack(columns, axis=1)
