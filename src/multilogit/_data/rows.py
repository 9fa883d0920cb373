"""Rows of a centred design matrix behind a few verbs, so that nobody above asks whether X is sparse.

With rows ``X`` (n, D) and the stored centre ``c`` (D,), let ``A = X - 1 c'``. All arithmetic is float64,
whatever the storage. Sparse rows are centred virtually: ``A V = X V - 1 (c'V)``.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from multilogit._arrays import Array, Float64

__all__ = ["DenseRows", "Rows", "SparseRows"]


class Rows(Protocol):
    """Rows of ``A = X - 1 c'``, of shape (n, D)."""

    def matvec(self, V: Float64) -> Float64:
        """Return A V, (n, M), for V (D, M)."""

    def magnitude(self, V: Float64) -> Float64:
        """Return |X| |V| and more, (n, M): what the rounding of A V is proportional to."""

    def rmatvec(self, R: Float64) -> Float64:
        """Return A' R, (D, M), for R (n, M)."""

    def sandwich(self, s: Float64) -> Float64:
        """Return A' diag(s) A, (D, D), for s (n,)."""

    def diagonal(self, s: Float64) -> Float64:
        """Return the diagonal of A' diag(s) A, (D, M), for s (n, M)."""

    def dense(self) -> Float64:
        """Return A, (n, D)."""

    def exact(self) -> tuple[Float64, Float64]:
        """Return (high, low), each (n, D), with ``high + low = X - 1 c'`` exactly."""


def _exact_difference(X: Float64, centre: Float64) -> tuple[Float64, Float64]:
    """Return fl(X - c) and its rounding error, which is a double (Knuth's TwoSum)."""
    high = X - centre
    back = high - X
    return high, (X - (high - back)) - (centre + back)


@dataclass(frozen=True, slots=True)
class DenseRows:
    """Rows of a dense array of any floating dtype."""

    X: Array
    centre: Float64
    A: Float64

    @classmethod
    def of(cls, X: Array, centre: Float64) -> "DenseRows":
        """Centre ``X`` in float64."""
        return cls(X, centre, np.subtract(X, centre, dtype=np.float64, order="C"))

    def matvec(self, V: Float64) -> Float64:
        """Return A V."""
        return self.A @ V

    def magnitude(self, V: Float64) -> Float64:
        """Return |A| |V|: a centred value is exact to one rounding."""
        return np.asarray(np.abs(self.A) @ np.abs(V))

    def rmatvec(self, R: Float64) -> Float64:
        """Return A' R."""
        return self.A.T @ R

    def sandwich(self, s: Float64) -> Float64:
        """Return A' diag(s) A."""
        return self.A.T @ (self.A * s[:, None])

    def diagonal(self, s: Float64) -> Float64:
        """Return the diagonal of A' diag(s) A."""
        return np.square(self.A).T @ s

    def dense(self) -> Float64:
        """Return A."""
        return self.A

    def exact(self) -> tuple[Float64, Float64]:
        """Return X - 1 c' as (high, low)."""
        return _exact_difference(self.X.astype(np.float64), self.centre)


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Rows of a CSR matrix, centred virtually."""

    X: Any
    centre: Float64

    @classmethod
    def of(cls, X: Any, centre: Float64) -> "SparseRows":
        """Hold ``X`` in float64."""
        return cls(X.astype(np.float64, copy=False), centre)

    def matvec(self, V: Float64) -> Float64:
        """Return X V - 1 (c'V)."""
        return np.asarray(self.X @ V) - self.centre @ V

    def magnitude(self, V: Float64) -> Float64:
        """Return |X| |V| + 1 (|c|'|V|)."""
        return np.asarray(np.asarray(abs(self.X) @ np.abs(V)) + np.abs(self.centre) @ np.abs(V))

    def rmatvec(self, R: Float64) -> Float64:
        """Return X'R - c (1'R)."""
        return np.asarray(self.X.T @ R) - np.outer(self.centre, R.sum(axis=0))

    def sandwich(self, s: Float64) -> Float64:
        """Return X'SX - c (X's)' - (X's) c' + (1's) c c'."""
        weighted = self.X.multiply(s[:, None]).tocsr()
        cross = np.outer(self.centre, self.X.T @ s)
        inner = np.asarray((self.X.T @ weighted).toarray())
        return np.asarray(inner - cross - cross.T + s.sum() * np.outer(self.centre, self.centre))

    def diagonal(self, s: Float64) -> Float64:
        """Return the diagonal of A' diag(s) A, by the same expansion of the square."""
        c = self.centre[:, None]
        squares = np.asarray(self.X.power(2).T @ s)
        return np.asarray(np.maximum(squares - 2 * c * np.asarray(self.X.T @ s) + c * c * s.sum(axis=0), 0.0))

    def dense(self) -> Float64:
        """Return A, dense: for one block at a time, where a factorisation needs it."""
        return np.asarray(self.X.toarray()) - self.centre

    def exact(self) -> tuple[Float64, Float64]:
        """Return X - 1 c' as (high, low)."""
        return _exact_difference(np.asarray(self.X.toarray()), self.centre)
