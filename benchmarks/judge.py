"""The one judge: the stated objective at the coefficients that a fit returned, in float64.

Rows' losses are computed with full relative accuracy, however confident the fit is, and summed in extended precision
where the machine has it; data of either type are read as float64.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from benchmarks.problem import Data, Piece

__all__ = ["Coefficients", "objective", "relative_gap", "worst_gap"]

_ENTRIES = 1 << 22  # logits per block


@dataclass(frozen=True)
class Coefficients:
    """W transposed (K, D) and b (K,), or one row of each when K = 2."""

    coef: np.ndarray
    intercept: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether every number is finite."""
        return bool(np.isfinite(self.coef).all() and np.isfinite(self.intercept).all())


def objective(data: Data, piece: Piece, found: Coefficients) -> float:
    """Return ``C sum_i loss_i + 1/2 |W|^2`` (the sum of losses alone for C = inf) over the rows of a piece."""
    data = data.rows(piece.rows)
    W = found.coef.astype(np.float64).T
    b = found.intercept.astype(np.float64)
    total = np.longdouble(0.0)
    size = max(_ENTRIES // max(W.shape[1], data.shape.D // 4), 1)
    for start in range(0, len(data.y), size):
        Z = _logits(data.X[start : start + size], W, b)
        total += losses(Z, data.y[start : start + size]).sum(dtype=np.longdouble)
    if np.isinf(piece.C):
        return float(total)
    return float(piece.C * total + np.square(W, dtype=np.longdouble).sum() / 2)


def _logits(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return Z (n, K); one row of W stands for the second of two classes against a zero."""
    X = X.astype(np.float64, copy=False)
    Z = np.asarray(X @ W if not sparse.issparse(X) else X.dot(W)) + b
    return Z if Z.shape[1] > 1 else np.hstack([np.zeros_like(Z), Z])


def losses(Z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return ``log(1 + sum_(k != y) exp(z_k - z_y))`` per row, which keeps the digits of a loss near zero."""
    rows = np.arange(len(y))
    T = Z - Z[rows, y][:, None]
    T[rows, y] = -np.inf
    m = np.maximum(T.max(axis=1), 0.0)
    S = np.exp(T - m[:, None]).sum(axis=1)
    return np.where(m == 0.0, np.log1p(S), m + np.log(np.exp(-m) + S))


def relative_gap(value: float, optimum: float) -> float:
    """Return ``(f - f*) / f*``: negative by rounding alone, inf where the value is not a number."""
    return (value - optimum) / abs(optimum) if np.isfinite(value) else float("inf")


def worst_gap(
    data: Data, pieces: list[Piece], optima: list[float], found: tuple[Coefficients | None, ...]
) -> tuple[float, int]:
    """Return the largest relative gap over the pieces that a fit returned, and how many those are."""
    gaps = [
        relative_gap(objective(data, piece, each), optimum) if each.finite else float("inf")
        for piece, optimum, each in zip(pieces, optima, found, strict=True)
        if each is not None
    ]
    if not gaps:
        raise ValueError("A fit must return the coefficients of one piece at least.")
    return max(gaps), len(gaps)
