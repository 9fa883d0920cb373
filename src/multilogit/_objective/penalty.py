"""Penalties on the weights, diagonal in the user's coordinates; the intercept is never penalised."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.vectors import add_and_dot, dot

__all__ = ["L2"]


@dataclass(frozen=True)
class L2:
    """``1/2 sum_d lambda_d |W_d|^2`` per stacked problem; ``strength`` is lambda (D, R), zero where unpenalised."""

    strength: Float64

    @cached_property
    def unpenalised(self) -> bool:
        """Whether some weight is free of any penalty, so that a finite optimum must be proved."""
        return bool((self.strength == 0).any())

    @cached_property
    def uniform(self) -> float | None:
        """The one strength of every weight of a single problem; None if there are several, or it is zero."""
        several = self.strength.shape[1] != 1 or self.strength.shape[0] == 0 or np.ptp(self.strength) > 0
        return None if several or self.unpenalised else float(self.strength[0, 0])

    @cached_property
    def _half_inverse(self) -> Float64:
        """``1 / (2 lambda)`` (D, R), zero where lambda is."""
        return np.divide(0.5, self.strength, out=np.zeros(self.strength.shape), where=self.strength > 0)

    def value(self, W: Float64, n_threads: int = 1) -> Float64:
        """Return the penalty (R,) of W (D, R, K')."""
        if self.uniform is not None and W.flags.c_contiguous:
            return np.array([0.5 * self.uniform * dot(W, W, n_threads)])
        return np.asarray(0.5 * np.einsum("dr,drk,drk->r", self.strength, W, W))

    def add(self, W: Float64, G: Float64, n_threads: int = 1) -> Float64:
        """Add lambda_d W_d to G, in place, and return the penalty (R,) of W (D, R, K')."""
        if self.uniform is not None and W.flags.c_contiguous and G.flags.c_contiguous:  # no array is made
            add_and_dot(self.uniform, W, G, W, n_threads)
        else:
            G += self.gradient(W)
        return self.value(W, n_threads)

    def gradient(self, W: Float64) -> Float64:
        """Return lambda_d W_d."""
        return self.strength[:, :, None] * W

    def prox(self, W: Float64, step: float) -> Float64:
        """Return argmin_V of ``|V - W|^2 / (2 step) + penalty(V)``, that is W / (1 + step lambda)."""
        return W / (1.0 + step * self.strength[:, :, None])

    def conjugate(self, G: Float64, n_threads: int = 1) -> Float64:
        """Return ``sum_d |G_d|^2 / (2 lambda_d)`` (R,), inf where lambda_d = 0 < |G_d|: sup_W of <G, W> - penalty."""
        if self.uniform is not None:
            return np.array([0.5 * dot(G, G, n_threads) / self.uniform])
        squares = np.einsum("drk,drk->dr", G, G)
        total = np.einsum("dr,dr->r", squares, self._half_inverse)
        if self.unpenalised:
            total[((self.strength == 0) & (G != 0).any(axis=2)).any(axis=0)] = np.inf
        return np.asarray(total)
