"""Columns whose scales span six decades, as raw tables have them."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.problem import Data, Problem
from benchmarks.problems import spectrum

__all__ = ["PROBLEMS", "Decades"]


@dataclass(frozen=True)
class Decades:
    """Independent Gaussian columns, column j of scale 10^(decades (j / (D - 1) - 1/2)), each equally informative."""

    N: int
    D: int
    K: int
    decades: float = 6.0
    spread: float = 2.0
    seed: int = 0

    @property
    def about(self) -> str:
        """Scales, planted model, seed."""
        return (
            f"independent Gaussian columns, scales evenly spread over {self.decades:g} decades, equally informative; "
            f"labels drawn from a softmax model whose logits have standard deviation {self.spread:g}; seed {self.seed}"
        )

    def make(self) -> Data:
        """Generate."""
        rng = np.random.default_rng(self.seed)
        X = rng.standard_normal((self.N, self.D))
        Z = X @ rng.standard_normal((self.D, self.K)) * (self.spread / np.sqrt(self.D))
        scales = 10.0 ** (self.decades * np.linspace(-0.5, 0.5, self.D))
        return Data((X * scales).astype(np.float32), spectrum.labels(rng, Z))

    def shrunk(self, factor: int) -> "Decades":
        """Return it with fewer rows."""
        return replace(self, N=self.N // factor)


PROBLEMS = (Problem("ill_conditioned", "ill_conditioned", Decades(20_000, 200, 10)),)
