"""Sparse rows with the column frequencies of text."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from benchmarks.problem import Data, Problem
from benchmarks.problems import spectrum

__all__ = ["PROBLEMS", "Zipf"]


@dataclass(frozen=True)
class Zipf:
    """Rows of ``per_row`` distinct columns, column j drawn with weight 1/(j + 10), values log-normal, |x_i| = 1.

    The planted model gives every column random logits. A column drawn twice in a row counts once, so rows hold a few
    numbers less than ``per_row``.
    """

    N: int
    D: int
    K: int
    per_row: int
    spread: float = 2.0
    seed: int = 0

    @property
    def about(self) -> str:
        """Frequencies, values, planted model, seed."""
        return (
            f"column j with frequency proportional to 1/(j + 10), {self.per_row} draws per row, log-normal values, "
            "rows of norm 1; "
            f"labels drawn from a softmax model whose logits have standard deviation {self.spread:g}; seed {self.seed}"
        )

    def make(self) -> Data:
        """Generate."""
        rng = np.random.default_rng(self.seed)
        share = np.cumsum(1.0 / (np.arange(self.D) + 10.0))
        columns = np.searchsorted(share, rng.random(self.N * self.per_row) * share[-1]).astype(np.int32)
        columns = np.minimum(columns, self.D - 1)
        values = np.exp(rng.standard_normal(len(columns), dtype=np.float32) / 2)
        starts = np.arange(0, len(columns) + 1, self.per_row)
        X = sparse.csr_matrix((values, columns, starts), shape=(self.N, self.D))
        X.sum_duplicates()
        norm = np.sqrt(np.asarray(X.multiply(X).sum(axis=1)).ravel())
        X.data /= np.repeat(norm, np.diff(X.indptr)).astype(np.float32)
        Z = np.asarray(X @ rng.standard_normal((self.D, self.K)).astype(np.float32))
        return Data(X, spectrum.labels(rng, Z * (self.spread / Z.std())))

    def shrunk(self, factor: int) -> "Zipf":
        """Return it with fewer rows and columns."""
        return replace(self, N=self.N // factor, D=self.D // factor)


PROBLEMS = (Problem("sparse100k", "sparse", Zipf(100_000, 50_000, 20, 80), C=10.0),)
