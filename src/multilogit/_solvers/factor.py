"""A factored Hessian of one problem, in coordinates where it is definite and its columns have unit length."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg

from multilogit._arrays import Float64
from multilogit._objective.layout import Layout

__all__ = ["HessianFactor", "scaled_cholesky"]

# Rounding leaves about 1e-15 of the unit diagonal: a smallest eigenvalue of 1e-13 is known to a percent.
_SOUND = 1e13


@dataclass(frozen=True)
class HessianFactor:
    """``S E' H E S = L L'`` with the class contrasts E and ``S = diag(E' H E)^(-1/2)``.

    The scaling makes the factorisation indifferent to the units of the columns (van der Sluis, 1969).
    ``shift`` is what the unit diagonal had to be raised by to be definite, 1 if a row had lost all its curvature.
    """

    cholesky: Float64
    scale: Float64
    contrasts: Float64
    shift: float
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, layout: Layout, hessian: Float64) -> "HessianFactor":
        """Factor the Hessian (1, K', D', K', D') of the first problem."""
        E, D = layout.contrasts[0], layout.n_rows
        reduced = np.einsum("jf,jakb,kg->fagb", E, hessian[0], E, optimize=True)
        H = reduced.reshape(E.shape[1] * D, E.shape[1] * D)
        cholesky, scale, shift = scaled_cholesky(0.5 * (H + H.T))
        return cls(cholesky, scale, E, shift, layout.shape)

    def solve(self, G: Float64) -> Float64:
        """Return H^-1 G, of theta's shape, in the subspace of the contrasts."""
        reduced = np.einsum("dk,kf->fd", G[:, 0], self.contrasts).ravel()
        solution = self.scale * linalg.cho_solve((self.cholesky, True), self.scale * reduced, check_finite=False)
        steps = solution.reshape(self.contrasts.shape[1], self.shape[0])
        return np.asarray(np.einsum("fd,kf->dk", steps, self.contrasts)[:, None, :])

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
        reciprocal = linalg.lapack.dpocon(self.cholesky, norm, uplo="L")[0]
        return 1.0 / reciprocal if reciprocal > 0 else np.inf

    def inverse(self) -> Float64:
        """Return H^-1 (K', D', K', D') in the rows of theta."""
        inner = linalg.cho_solve((self.cholesky, True), np.diag(self.scale)) * self.scale[:, None]
        E, D = self.contrasts, self.shape[0]
        return np.asarray(
            np.einsum("jf,fagb,kg->jakb", E, inner.reshape(E.shape[1], D, E.shape[1], D), E, optimize=True)
        )


def scaled_cholesky(H: Float64) -> tuple[Float64, Float64, float]:
    """Return L, the diagonal of S and the shift of ``S H S + shift = L L'`` with unit diagonal.

    A row without curvature gets a unit diagonal, and counts as a shift of 1. What rounding has made indefinite is
    raised in steps of ten until it is not.
    """
    diagonal = np.diag(H).copy()
    curved = diagonal > 0
    scale = np.where(curved, 1.0 / np.sqrt(np.where(curved, diagonal, 1.0)), 1.0)
    H = H * scale * scale[:, None]
    H[~curved, ~curved] = 1.0
    shift, increase = float((~curved).any()), 1e-14 * len(H)
    while True:
        try:
            return linalg.cholesky(H, lower=True), scale, shift
        except linalg.LinAlgError:
            H[np.diag_indices_from(H)] += increase
            shift, increase = shift + increase, 9.0 * (shift + increase)
