"""Metrics: cheap stand-ins for the Hessian that make L-BFGS and conjugate gradients nearly scale-free.

One weighted Gram matrix serves every class: ``H ~ (I - 11'/K) x (X' diag(s) X + lambda)`` with the mean
curvature s_i of row i. At the zero start that is the Hessian itself, and a step by it overshoots; Boehning's bound of
the curvature anywhere is K/2 times as much, and a step by that is 500 times too short for a thousand classes: their
geometric mean starts. Where a D x D matrix is out of reach, the Hessian's own diagonal does, class by class (a word
that speaks for one class is curved in that class alone), mixed with the identity.

References
----------
.. [1] D. Boehning, "Multinomial logistic regression algorithm", Ann. Inst. Stat. Math. 44 (1992) 197-200.
.. [2] C.-Y. Hsia, W.-L. Chiang and C.-J. Lin, "Preconditioned conjugate gradient methods in truncated Newton
   frameworks for large-scale linear classification", ACML 2018 (the mixture with the identity).
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import blas

from multilogit._arrays import Float64
from multilogit._objective.conversation import Conversation, Evaluate
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Want
from multilogit._objective.vectors import weighted_square
from multilogit._solvers.base import Effort, effort_of
from multilogit._solvers.factor import scaled_cholesky

__all__ = ["WIDEST_GRAM", "DiagonalMetric", "GramMetric", "Metric", "measure"]

WIDEST_GRAM = 10_000
_SPARSE_GRAM = 2_000
_IDENTITY_SHARE = 0.01


class Metric(Protocol):
    """An approximate Hessian of one problem."""

    @property
    def diagonal(self) -> Float64:
        """Its diagonal, of all classes (D',) or of each (D', 1, K')."""

    def solve(self, G: Float64, *, overwrite: bool = False) -> Float64:
        """Return the metric's inverse times G (D', 1, K'), in G's own memory with ``overwrite``."""

    def square(self, G: Float64, n_threads: int = 1) -> float:
        """Return the inner product of G with the metric's inverse times G, for less."""


@dataclass(frozen=True, slots=True)
class GramMetric:
    """Cholesky factor of the Gram matrix, its columns scaled to unit length."""

    cholesky: Float64
    scale: Float64

    @property
    def diagonal(self) -> Float64:
        """Its diagonal (D',)."""
        return self.scale**-2.0

    def solve(self, G: Float64, *, overwrite: bool = False) -> Float64:
        """Return M^-1 G, by ``(M^-1 G)' = G' L^-T L^-1``: BLAS solves in the one array that is returned."""
        solved = np.multiply(G, self.scale[:, None, None], out=G if overwrite else None, order="C")
        rows = solved[:, 0].T  # (K', D') in Fortran order: the same memory
        rows = blas.dtrsm(1.0, self.cholesky, rows, side=1, lower=1, trans_a=1, overwrite_b=1)
        rows = blas.dtrsm(1.0, self.cholesky, rows, side=1, lower=1, overwrite_b=1)
        solved = np.asarray(rows.T[:, None])
        solved *= self.scale[:, None, None]
        return solved

    def square(self, G: Float64, n_threads: int = 1) -> float:  # noqa: ARG002
        """Return ``|L^-1 G|^2``."""
        rows = np.multiply(G, self.scale[:, None, None], order="C")[:, 0].T
        rows = blas.dtrsm(1.0, self.cholesky, rows, side=1, lower=1, trans_a=1, overwrite_b=1)
        return float(np.vdot(rows.T, rows.T))


@dataclass(frozen=True, slots=True)
class DiagonalMetric:
    """Inverse of the diagonal (D', 1, K')."""

    inverse: Float64

    @property
    def diagonal(self) -> Float64:
        """Its diagonal (D', 1, K')."""
        return 1.0 / self.inverse

    def solve(self, G: Float64, *, overwrite: bool = False) -> Float64:
        """Return M^-1 G."""
        return np.multiply(self.inverse, G, out=G if overwrite else None)

    def square(self, G: Float64, n_threads: int = 1) -> float:
        """Return ``sum_d |G_d|^2 / m_d``."""
        with np.errstate(over="ignore", invalid="ignore"):
            square = weighted_square(self.inverse, G, n_threads)
        # The squares of what can be divided may be out of range.
        return square if 1e-200 < square < 1e200 else float(np.vdot(G, self.solve(G)))


def measure(
    objective: SoftmaxRegression, theta: Float64, *, start: bool = False, allowance: float = 0.0
) -> Conversation[tuple[Metric, Effort]]:
    """Return the metric at ``theta`` and its effort; with ``start``, at the zero start, half-way to Boehning's.

    ``allowance`` is what it may cost in gradients where a sample of the rows would cost less.
    """
    layout, source = objective.layout, objective.source
    widest = _SPARSE_GRAM if source.sparse else WIDEST_GRAM
    lift = math.sqrt(max(0.5 * layout.n_classes, 1.0)) if start and layout.free_rows > 1 else 1.0
    if layout.n_features > widest:
        sums = yield Evaluate(objective, theta, Want.DIAGONAL)
        return _diagonal(sums.diagonal, lift), effort_of(objective, Want.DIAGONAL)
    work = effort_of(objective, Want.GRAM).work
    stride = _stride(objective, work, allowance)
    sums = yield Evaluate(objective, theta, Want.GRAM, stride)
    sums.gram[0] *= lift
    return GramMetric(*scaled_cholesky(sums.gram[0])[:2]), Effort(1, work / stride)


def _stride(objective: SoftmaxRegression, work: float, allowance: float) -> int:
    """Return which rows make the Gram matrix: every stride-th.

    All of them cost D / 4K gradients. Where that is many, 8 D rows give nearly the same metric, unless the curvature
    lies in few rows, as with classes that hardly overlap: then the run is long, and may spend more on it.
    """
    D, layout = objective.layout.n_features, objective.layout
    if 4 * layout.free_rows >= D:
        return 1
    sample = objective.source.n_rows // (8 * D + 64 * layout.n_classes)
    affordable = math.ceil(work / allowance) if allowance > 0 else sample
    return max(min(sample, affordable), 1)


def _diagonal(diagonal: Float64, lift: float = 1.0) -> DiagonalMetric:
    """Return the metric of ``lift`` times the diagonal, which it takes over: as large as theta, it is not copied."""
    diagonal *= lift * (1.0 - _IDENTITY_SHARE)
    diagonal += diagonal.mean() * _IDENTITY_SHARE / (1.0 - _IDENTITY_SHARE)
    diagonal[diagonal <= 0] = 1.0
    return DiagonalMetric(np.divide(1.0, diagonal, out=diagonal))
