"""The choice of C: 20 values times 5 folds."""

from dataclasses import dataclass

import numpy as np

from benchmarks.problem import Data, Problem
from benchmarks.problems.dense import PowerLaw
from benchmarks.problems.toy import Toy

__all__ = ["PROBLEMS", "Pixels"]


@dataclass(frozen=True)
class Pixels:
    """Digits with pixels between 0 and 1."""

    @property
    def about(self) -> str:
        """Source and scale."""
        return "`digits` of scikit-learn divided by 16"

    def make(self) -> Data:
        """Return the scaled pixels, which float32 holds exactly."""
        digits = Toy("digits").make()
        return Data(digits.X / 16.0, digits.y)

    def shrunk(self, factor: int) -> "Pixels":  # noqa: ARG002
        """Return it as it is."""
        return self


# scikit-learn's own grid, twice as fine.
GRID = tuple(float(C) for C in np.logspace(-4, 4, 20))


def _sweep(name: str, recipe: Pixels | PowerLaw) -> Problem:
    return Problem(
        name,
        "sweep",
        recipe,
        budget=100.0,
        targets=(1e-3, 1e-6),
        rivals=("multilogit", "sklearn-lbfgs", "sklearn-newton-cg", "sklearn-newton-cholesky"),
        rounds=2,
        Cs=GRID,
        n_folds=5,
    )


PROBLEMS = (_sweep("sweep_digits", Pixels()), _sweep("sweep_dense", PowerLaw(5_000, 64, 10, total=64.0)))
