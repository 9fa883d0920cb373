"""Smaller equivalent problems: in the row space when D > N, on independent columns when the rank is deficient."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Float64
from multilogit._data.source import Source
from multilogit._objective.layout import Layout
from multilogit._objective.penalty import L2
from multilogit._objective.rank import ColumnRank
from multilogit._objective.softmax_regression import SoftmaxRegression

__all__ = ["Reduction", "independent_columns", "row_space"]


@dataclass(frozen=True)
class Reduction:
    """The smaller ``objective``; ``lift`` maps its parameters to the original ones, ``restrict`` the other way."""

    objective: SoftmaxRegression
    lift: Callable[[Float64], Float64]
    restrict: Callable[[Float64], Float64]

    def problem(self, r: int) -> "Reduction":
        """Return the reduction of one problem of a stack."""
        return Reduction(self.objective.problem(r), self.lift, self.restrict)


def _with_features(
    objective: SoftmaxRegression, source: Source, n_features: int, strength: Float64
) -> SoftmaxRegression:
    layout = objective.layout
    smaller = Layout(n_features, layout.n_classes, layout.class_mask, layout.fit_intercept)
    return SoftmaxRegression(source, smaller, L2(strength), objective.scale, objective.n_threads, objective.fold)


def row_space(objective: SoftmaxRegression) -> Reduction:
    """Return the problem in ``A = L Q'`` with Q (D, N) orthonormal: ``W = Q V`` and ``|W| = |V|``.

    The optimum of a uniform L2 penalty lies in the span of the rows, so N columns do for D > N.
    """
    source, D = objective.source, objective.layout.n_features
    A = np.vstack([source.block(i).rows.dense() for i in range(source.n_blocks)])
    Q, R = np.linalg.qr(A.T)
    strength = np.broadcast_to(objective.penalty.strength[:1], (Q.shape[1], objective.layout.n_problems))
    smaller = _with_features(objective, source.with_design(R.T), Q.shape[1], np.array(strength))

    def lift(theta: Float64) -> Float64:
        return np.concatenate([np.tensordot(Q, theta[: Q.shape[1]], axes=1), theta[Q.shape[1] :]])

    def restrict(theta: Float64) -> Float64:
        return np.concatenate([np.tensordot(Q.T, theta[:D], axes=1), theta[D:]])

    return Reduction(smaller, lift, restrict)


def independent_columns(objective: SoftmaxRegression, rank: ColumnRank) -> Reduction:
    """Return the problem on the independent columns; lifting gives the parameters of least norm."""
    D, kept = objective.layout.n_features, rank.independent
    smaller = _with_features(objective, objective.source.select(kept), len(kept), objective.penalty.strength[kept])

    def lift(theta: Float64) -> Float64:
        W = np.zeros((D, *theta.shape[1:]))
        W[kept] = theta[: len(kept)]
        smallest, shift = rank.least_norm(W.reshape(D, objective.layout.columns))
        return np.concatenate([smallest.reshape(W.shape), theta[len(kept) :] + shift.reshape(theta.shape[1:])])

    def restrict(theta: Float64) -> Float64:
        return np.concatenate([np.zeros((len(kept), *theta.shape[1:])), theta[D:]])

    return Reduction(smaller, lift, restrict)
