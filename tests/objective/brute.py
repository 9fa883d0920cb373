"""The objective of one problem from its definition, in plain NumPy over the whole design: the oracle.

``f(W, b) = C sum_i w_i loss(x_i'W + b + o_i, y_i) + 1/2 sum_d lambda_d |W_d|^2`` with ``loss = -y'log softmax``.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import logsumexp

__all__ = ["Brute"]


@dataclass(frozen=True)
class Brute:
    """Design A (N, D'), targets Y (N, K), c = C w (N,), offset (N, K), lambda (D',), and E (K', K) of free rows."""

    A: np.ndarray
    Y: np.ndarray
    c: np.ndarray
    offset: np.ndarray
    strength: np.ndarray
    present: np.ndarray
    E: np.ndarray

    @classmethod
    def of(cls, objective):
        source, layout = objective.source, objective.layout
        assert layout.n_problems == 1
        X = source.X.toarray() if sparse.issparse(source.X) else np.asarray(source.X)
        N, K = len(X), layout.n_classes
        A = X - source.centre
        strength = objective.penalty.strength[:, 0]
        if layout.fit_intercept:
            A, strength = np.column_stack([A, np.ones(N)]), np.append(strength, 0.0)
        Y = source.targets if source.targets.ndim == 2 else np.eye(K)[source.targets]
        offset = np.zeros((N, K)) if source.offset is None else source.offset
        c = objective.scale[0] * source.weight[:, 0]
        E = np.eye(K)[1:] if K == 2 else np.eye(K)
        return cls(A, Y, c, offset, strength, layout.class_mask[0], E)

    def log_probability(self, T):
        """Return log p_k = -log(1 + sum of exp(z_j - z_k) over the others), to full relative accuracy."""
        Z = self.A @ (T @ self.E) + self.offset
        log_P = np.full(Z.shape, -np.inf)
        for k in np.flatnonzero(self.present):
            others = np.flatnonzero(self.present & (np.arange(Z.shape[1]) != k))
            log_P[:, k] = -np.logaddexp(0.0, logsumexp(Z[:, others] - Z[:, [k]], axis=1)) if len(others) else 0.0
        return log_P

    def value(self, T):
        """Return f at T (D', K')."""
        log_P = np.where(self.present, self.log_probability(T), 0.0)
        return -self.c @ (self.Y * log_P).sum(axis=1) + 0.5 * self.strength @ (T**2).sum(axis=1)

    def residual(self, T):
        return self.c[:, None] * (self.Y.sum(axis=1, keepdims=True) * np.exp(self.log_probability(T)) - self.Y)

    def gradient(self, T):
        """Return (D', K')."""
        return self.A.T @ self.residual(T) @ self.E.T + self.strength[:, None] * T

    def hessian(self, T):
        """Return (K', D', K', D'), row by row."""
        D, K = T.shape
        H = np.zeros((K, D, K, D))
        for a, c, m, p in zip(self.A, self.c, self.Y.sum(axis=1), np.exp(self.log_probability(T)), strict=True):
            curvature = self.E @ (np.diag(p) - np.outer(p, p)) @ self.E.T
            H += c * m * np.einsum("jk,d,e->jdke", curvature, a, a)
        for k in range(K):
            H[k, :, k, :] += np.diag(self.strength)
        return H

    def newton_step(self, T):
        """Return the least-squares solution of the Newton equations."""
        G, H = self.gradient(T), self.hessian(T)
        step = np.linalg.lstsq(H.reshape(G.size, G.size), G.T.ravel(), rcond=1e-13)[0]
        return step.reshape(G.shape[::-1]).T

    def minimum(self, steps=100):
        """Return (f*, T*) by Newton's method from zero: damped while the value falls, then twice in full."""
        T = np.zeros((self.A.shape[1], len(self.E)))
        for _ in range(steps):
            step, f, length = self.newton_step(T), self.value(T), 1.0
            while length > 1e-6 and not self.value(T - length * step) < f:
                length /= 2
            if length <= 1e-6:
                break
            T = T - length * step
        for _ in range(2):  # the value has reached its rounding, the gradient not yet
            T = T - self.newton_step(T)
        return self.value(T), T
