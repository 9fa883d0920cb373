"""A factored Hessian of one problem, in coordinates where it is definite and its columns have unit length."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lapack

from multilogit._arrays import Float64
from multilogit._objective.layout import Layout

__all__ = ["HessianFactor", "scaled_cholesky"]

# Rounding leaves about 1e-15 of the unit diagonal: a smallest eigenvalue of 1e-13 is known to a percent.
_SOUND = 1e13
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class HessianFactor:
    """``S E' H E S = L L'`` with the class contrasts E and ``S = diag(E' H E)^(-1/2)``.

    The scaling makes the factorisation indifferent to the units of the columns (van der Sluis, 1969).
    ``shift`` is what the unit diagonal had to be raised by to be definite, 1 if a row had lost all its curvature.
    ``last_columns`` (K', D', K') are those of H that belong to the last row of theta, the intercepts'.
    """

    cholesky: Float64
    scale: Float64
    contrasts: Float64
    shift: float
    last_columns: Float64

    @classmethod
    def of(cls, layout: Layout, hessian: Float64) -> "HessianFactor":
        """Factor the Hessian (1, K', D', K', D') of the first problem."""
        E, H = layout.contrasts[0], hessian[0]
        K, D, F = layout.free_rows, layout.n_rows, E.shape[1]
        last_columns = H[:, :, :, -1].copy() if D else np.zeros((K, D, K))
        if K > 1:
            H = np.matmul(E.T, (E.T @ H.reshape(K, D * K * D)).reshape(F * D, K, D))
        cholesky, scale, shift = scaled_cholesky(H.reshape(F * D, F * D))
        return cls(cholesky, scale, E, shift, last_columns)

    def solve(self, G: Float64) -> Float64:
        """Return H^-1 G, of theta's shape, in the subspace of the contrasts."""
        reduced = (self.contrasts.T @ G[:, 0].T).ravel()
        if len(reduced) == 0:
            return np.zeros_like(G)
        solution = self.scale * lapack.dpotrs(self.cholesky, self.scale * reduced, lower=1)[0]
        return np.asarray(solution.reshape(-1, len(G)).T @ self.contrasts.T)[:, None, :]

    def rounding(self, theta: Float64) -> float:
        """Return the squared decrement that rounding theta alone leaves: ``eps^2 / 12 sum_j H_jj theta_j^2``."""
        reduced = (self.contrasts.T @ theta[:, 0].T).ravel() / self.scale
        return _EPSILON**2 / 12.0 * float(reduced @ reduced)

    @property
    def sound(self) -> bool:
        """Whether the factor is that of the Hessian and not of its rounding, so that it may prove something."""
        return self.shift == 0.0 and self.condition <= _SOUND

    @cached_property
    def condition(self) -> float:
        """Condition number (1-norm estimate) of the scaled matrix."""
        if len(self.scale) == 0:
            return 1.0
        norm = np.abs(self.cholesky @ self.cholesky.T).sum(axis=0).max()
        reciprocal = lapack.dpocon(self.cholesky, norm, uplo="L")[0]
        return 1.0 / reciprocal if reciprocal > 0 else np.inf

    def inverse(self) -> Float64:
        """Return H^-1 (K', D', K', D') in the rows of theta."""
        inner = lapack.dpotrs(self.cholesky, np.diag(self.scale), lower=1)[0] * self.scale[:, None]
        E, (K, F) = self.contrasts, self.contrasts.shape
        D = len(self.scale) // F
        left = (E @ inner.reshape(F, D * F * D)).reshape(K * D, F, D)
        return np.asarray(np.matmul(E, left).reshape(K, D, K, D))


def scaled_cholesky(H: Float64) -> tuple[Float64, Float64, float]:
    """Return L (in Fortran order), the diagonal of S and the shift of ``S H S + shift = L L'`` with unit diagonal.

    A row without curvature gets a unit diagonal, and counts as a shift of 1. What rounding has made indefinite is
    raised in steps of ten until it is not.
    """
    diagonal = H.diagonal()
    curved = diagonal > 0
    flat = not np.logical_and.reduce(curved)
    scale = 1.0 / np.sqrt(np.where(curved, diagonal, 1.0) if flat else diagonal)
    raised = 0.0
    while True:
        A = H * scale
        A *= scale[:, None]
        if flat:
            A[~curved, ~curved] = 1.0
        if raised:
            A[np.diag_indices_from(A)] += raised
        # H is symmetric: its transpose is H in Fortran order, which LAPACK factors in place.
        L, info = lapack.dpotrf(A.T, lower=1, clean=1, overwrite_a=1) if len(A) else (A, 0)
        if len(L) and not math.isfinite(L[-1, -1]):  # where NaN or infinity has come in anywhere, it ends up here
            raise FloatingPointError("The Hessian must be finite. Got NaN or infinity; please report the data.")
        if info == 0:
            return L, scale, raised + float(flat)
        raised = 10.0 * raised or 1e-14 * len(H)
