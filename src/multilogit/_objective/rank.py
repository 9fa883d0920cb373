"""Numerical rank of the centred design, and the parameters of least norm where it is deficient."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from multilogit._arrays import Float64, Integers
from multilogit._data.source import Source

__all__ = ["ColumnRank", "column_rank", "column_triangle"]

_CLEAR = 1e-4  # what is left of a column, relative to it, that no rounding explains
_ROWS_PER_COLUMN = 4  # of the sample that may prove independence
_MANY = 20_000  # numbers: fewer are multiplied as fast as sampled
_BLOCKING = 32  # LAPACK's block size, for its workspace


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
    if _clearly_independent(source, fit_intercept=fit_intercept, fold=fold):
        return ColumnRank(np.arange(D), np.arange(0), np.zeros((D, 0)), np.zeros(D))
    mean, triangle = column_triangle(source, fit_intercept=fit_intercept, fold=fold)
    norms = np.sqrt(np.square(triangle).sum(axis=0))
    scale = np.where(norms > 0, norms, 1.0)
    R, pivots = _pivoted(triangle / scale)
    tolerance = max(source.n_rows, D) * np.finfo(np.float64).eps
    spread = np.where(norms > 0, norms / np.sqrt(source.n_rows), np.inf)
    offset = (1.0 + np.abs(source.centre) / spread)[pivots]
    rank = _numerical_rank(R, offset, tolerance) if D else 0
    null = np.zeros((D, D - rank))
    if rank < D:
        null[pivots[:rank]] = -_solve_triangle(R[:rank, :rank], R[:rank, rank:])
        null[pivots[rank:]] = np.eye(D - rank)
        null /= scale[:, None]
    return ColumnRank(np.sort(pivots[:rank]), np.sort(pivots[rank:]), null, mean)


def _clearly_independent(source: Source, *, fit_intercept: bool, fold: int) -> bool:
    """Return whether a Gram matrix shows that no column is near the span of the others.

    It is that of all rows where they are few, else that of every so many. A column's distance from the span of the
    others is one over the root of its diagonal entry of the inverse, and only grows with more rows; where it exceeds a
    thousandth of the column's norm over all rows, every ``|R_kk|`` of `column_rank` is clear. The rounding of the
    products is far below the square of that.
    """
    D = source.n_features
    stride = min(source.n_rows // (_ROWS_PER_COLUMN * (D + 8)), 1000) if source.n_rows * D >= _MANY else 1
    if D == 0 or source.n_rows <= D or (source.n_rows * D >= _MANY and stride < 2):
        return False
    gram, squares = _centred_gram(source.thin(stride) if stride > 1 else source, fit_intercept=fit_intercept, fold=fold)
    cholesky, info = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    if info != 0 or not math.isfinite(cholesky[-1, -1]):
        return False
    inverse = lapack.dpotri(cholesky, lower=1, overwrite_c=1)[0].diagonal()
    if stride > 1:
        squares = sum(np.square(source.block(index).rows.dense()).sum(axis=0) for index in range(source.n_blocks))
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(((10 * _CLEAR) ** 2 * squares * inverse < 1.0).all())


def _centred_gram(source: Source, *, fit_intercept: bool, fold: int) -> tuple[Float64, Float64]:
    """Return ``A'A`` (D, D), about the means of A where an intercept takes these out, and the squares before that."""
    D = source.n_features
    gram, total, count = np.zeros((D, D)), np.zeros(D), 0
    for index in range(source.n_blocks):
        block = source.block(index)
        A, weighted = block.rows.dense(), block.weight[:, fold] > 0
        A = A if weighted.all() else A[weighted]
        gram += A.T @ A
        total += A.sum(axis=0)
        count += len(A)
    squares = gram.diagonal().copy()
    if fit_intercept and count:
        gram -= np.multiply.outer(total, total / count)
    return gram, squares


def column_triangle(source: Source, *, fit_intercept: bool, fold: int = 0) -> tuple[Float64, Float64]:
    """Return the column means (D,) and R of ``A - 1 mean' = Q R`` over the rows that have weight.

    Without an intercept the means are zero. Block after block, so that X is read once and never copied; a first
    column of ones takes out the means.
    """
    D, first = source.n_features, int(fit_intercept)
    triangle = np.zeros((0, D + first))
    for index in range(source.n_blocks):
        block = source.block(index)
        A, weighted = block.rows.dense(), block.weight[:, fold] > 0
        A = A if weighted.all() else A[weighted]
        stacked = np.ones((len(triangle) + len(A), D + first), order="F")
        stacked[: len(triangle)] = triangle
        stacked[len(triangle) :, first:] = A
        triangle = _triangle(stacked)
    if not fit_intercept:
        return np.zeros(D), triangle
    return triangle[0, 1:] / triangle[0, 0], triangle[1:, 1:]


# LAPACK itself: the functions of scipy.linalg take longer to look at a small matrix than LAPACK to factor it.


def _triangle(A: Float64) -> Float64:
    """Return R of ``A = Q R``, destroying A, which is in Fortran's order."""
    if A.size == 0:
        return A[: A.shape[1]]
    factored = lapack.dgeqrf(A, lwork=_BLOCKING * A.shape[1], overwrite_a=True)[0]
    return np.asarray(np.triu(factored[: A.shape[1]]))


def _pivoted(A: Float64) -> tuple[Float64, Integers]:
    """Return the pivots and R of ``A[:, pivots] = Q R``; below its diagonal stands what nobody reads."""
    if A.size == 0:
        return A, np.arange(A.shape[1])
    factored, pivots = lapack.dgeqp3(A, lwork=_BLOCKING * (A.shape[1] + 1))[:2]
    return factored[: A.shape[1]], pivots - 1


def _solve_triangle(R: Float64, B: Float64) -> Float64:
    """Return ``R^-1 B`` for R upper triangular."""
    return linalg.solve_triangular(R, B, check_finite=False) if R.size and B.size else np.zeros(B.shape)


def _numerical_rank(R: Float64, offset: Float64, tolerance: float) -> int:
    """Return the first column whose remainder ``|R_kk|`` is within its rounding, or the number of columns."""
    diagonal = np.abs(np.diag(R))
    if len(diagonal) == R.shape[1] and (diagonal > _CLEAR).all():
        return len(diagonal)
    for k in range(R.shape[1]):
        if k >= len(diagonal):
            return k
        if diagonal[k] > _CLEAR:
            continue
        coefficients = np.abs(_solve_triangle(R[:k, :k], R[:k, k]))
        if diagonal[k] <= tolerance * (offset[k] + coefficients @ offset[:k]):
            return k
    return int(R.shape[1])
