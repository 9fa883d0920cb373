"""Numerical rank of the centred design, and the parameters of least norm where it is deficient."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from multilogit._arrays import Float64, Integers
from multilogit._data.source import Source

__all__ = ["ColumnRank", "column_rank", "column_triangle"]

_BLOCK = 64  # columns that LAPACK works on at once


@dataclass(frozen=True)
class ColumnRank:
    """``independent`` columns, whose count is the rank; ``aliased`` ones, combinations of them.

    ``null`` (D, D - rank) spans the v in the user's units along which A v is constant, ``mean'v`` with the column
    means of A: zero without an intercept.
    """

    independent: Integers
    aliased: Integers
    null: Float64
    mean: Float64

    @property
    def rank(self) -> int:
        """Number of independent columns."""
        return len(self.independent)

    def least_norm(self, W: Float64) -> tuple[Float64, Float64]:
        """Return W (D, M) less its part in the null space, and what that adds to the intercepts (M,).

        The same logits by the smallest weights: the limit of the L2 path as C grows.
        """
        Q = np.linalg.qr(self.null)[0]
        dropped = Q @ (Q.T @ W)
        return W - dropped, self.mean @ dropped


def column_rank(source: Source, *, fit_intercept: bool = True, fold: int = 0) -> ColumnRank:
    """Return the rank of the rows that have weight in column ``fold``, by a pivoted QR of their scaled columns.

    A column is aliased when what is
    left of it, once the columns before it are taken out, is within ``max(N, D) eps`` of the rounding errors that
    the columns involved bring along: a column far from zero carries errors of the size of its mean.
    """
    D = source.n_features
    mean, triangle = column_triangle(source, fit_intercept=fit_intercept, fold=fold)
    norms = np.linalg.norm(triangle, axis=0)
    scale = np.where(norms > 0, norms, 1.0)
    R, pivots = _pivoted(triangle / scale)
    tolerance = max(source.n_rows, D) * np.finfo(np.float64).eps
    spread = np.where(norms > 0, norms / np.sqrt(source.n_rows), np.inf)
    offset = (1.0 + np.abs(source.centre) / spread)[pivots]
    rank = _numerical_rank(R, offset, tolerance) if D else 0
    deficient = 0 < rank < D
    combination = linalg.solve_triangular(R[:rank, :rank], R[:rank, rank:]) if deficient else np.zeros((rank, D))
    null = np.zeros((D, D - rank))
    null[pivots[:rank]] = -combination[:, : D - rank]
    null[pivots[rank:]] = np.eye(D - rank)
    null /= scale[:, None]
    return ColumnRank(np.sort(pivots[:rank]), np.sort(pivots[rank:]), null, mean)


def column_triangle(source: Source, *, fit_intercept: bool, fold: int = 0) -> tuple[Float64, Float64]:
    """Return the column means (D,) and R of ``A - 1 mean' = Q R`` over the rows that have weight.

    Without an intercept the means are zero. Block after block, so that X is read once and never copied; a first
    column of ones takes out the means.
    """
    triangle = np.zeros((0, source.n_features + int(fit_intercept)))
    for index in range(source.n_blocks):
        block = source.block(index)
        A = block.rows.dense()[block.weight[:, fold] > 0]
        if fit_intercept:
            A = np.hstack([np.ones((len(A), 1)), A])
        triangle = _triangle(np.vstack([triangle, A]))
    if not fit_intercept:
        return np.zeros(source.n_features), triangle
    return triangle[0, 1:] / triangle[0, 0], triangle[1:, 1:]


def _triangle(A: Float64) -> Float64:
    """Return R of ``A = Q R``, at most as many rows as columns."""
    if A.size == 0:
        return A[: A.shape[1]]
    factored = lapack.dgeqrf(A, lwork=_BLOCK * A.shape[1])[0]
    return np.asarray(np.triu(factored[: A.shape[1]]))


def _pivoted(A: Float64) -> tuple[Float64, Integers]:
    """Return R and the order of the columns of a QR factorisation with column pivoting."""
    if A.size == 0:
        return A, np.arange(A.shape[1])
    factored, pivots = lapack.dgeqp3(A, lwork=(_BLOCK + 2) * (A.shape[1] + 1))[:2]
    return np.asarray(np.triu(factored)), pivots - 1


def _numerical_rank(R: Float64, offset: Float64, tolerance: float) -> int:
    """Return the first column whose remainder ``|R_kk|`` is within its rounding, or the number of columns."""
    diagonal = np.abs(np.diag(R))
    for k in range(R.shape[1]):
        if k >= len(diagonal):
            return k
        if diagonal[k] > 1e-4:
            continue
        coefficients = np.abs(linalg.solve_triangular(R[:k, :k], R[:k, k])) if k else np.zeros(0)
        if diagonal[k] <= tolerance * (offset[k] + coefficients @ offset[:k]):
            return k
    return int(R.shape[1])
