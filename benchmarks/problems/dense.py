"""Dense generated problems with a power-law spectrum, in the shapes of pictures, land cover and embeddings."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.problem import Data, Problem
from benchmarks.problems import spectrum

__all__ = ["PROBLEMS", "PowerLaw"]


@dataclass(frozen=True)
class PowerLaw:
    """Rows with covariance eigenvalues proportional to 1/j in a random rotation; labels from a planted softmax model.

    ``total`` is the mean of |x_i|^2, ``spread`` the standard deviation of the planted logits. Values are rounded to
    float32, so that both types hold the same numbers and share one optimum.
    """

    N: int
    D: int
    K: int
    total: float
    spread: float = 2.0
    seed: int = 0

    @property
    def about(self) -> str:
        """Spectrum, planted model, seed."""
        return (
            f"Gaussian rows, eigenvalues of the covariance 1/j in a random rotation, mean |x|^2 = {self.total:g}; "
            f"labels drawn from a softmax model whose logits have standard deviation {self.spread:g}; seed {self.seed}"
        )

    def make(self) -> Data:
        """Generate."""
        rng = np.random.default_rng(self.seed)
        X = spectrum.power_law(rng, self.N, self.D, self.total)
        W = rng.standard_normal((self.D, self.K)).astype(np.float32)
        Z = X @ W
        Z *= self.spread / Z.std()
        return Data(X, spectrum.labels(rng, Z))

    def shrunk(self, factor: int) -> "PowerLaw":
        """Return it with fewer rows, features and, where these are few then, classes."""
        N = max(self.N // factor, 200)
        return replace(self, N=N, D=max(self.D // 4, 8), K=min(self.K, N // 20))


def _dense(name: str, N: int, D: int, K: int, total: float, C: float = 1.0, budget: float = 45.0) -> Problem:
    return Problem(name, "dense", PowerLaw(N, D, K, total), C=C, budget=budget)


PROBLEMS = (
    _dense("dense60k", 60_000, 784, 10, total=100.0),
    _dense("dense400k", 400_000, 54, 7, total=54.0),
    _dense("dense50k100", 50_000, 768, 100, total=1.0, budget=60.0),
    _dense("dense20k1000", 20_000, 768, 1000, total=1.0, budget=90.0),
)
