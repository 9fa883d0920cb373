"""What is fitted: data, the pieces of the objective, and a problem that names both.

The objective of a piece is scikit-learn's, ``C sum_i loss(x_i W + b, y_i) + 1/2 |W|^2`` over its rows, the intercept b
unpenalised and all K class rows penalised (one row when K = 2). Most problems have one piece; a sweep has one per value
of C and fold.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from scipy import sparse

__all__ = ["TARGETS", "Data", "Piece", "Problem", "Recipe", "Shape", "UnavailableError"]

# Relative suboptimality (f - f*) / f* to be reached.
TARGETS = (1e-3, 1e-6, 1e-9)
FINEST = {"float64": 0.0, "float32": 1e-6}


class UnavailableError(Exception):
    """A problem or a rival that cannot be had here; the message is a sentence that says why."""


@dataclass(frozen=True)
class Shape:
    """Rows, features, classes, and the stored numbers of X (N D where it is dense)."""

    N: int
    D: int
    K: int
    stored: int

    @property
    def sparse(self) -> bool:
        """Whether X is stored sparse."""
        return self.stored < self.N * self.D

    @property
    def parameters(self) -> int:
        """Entries of W and b."""
        return (self.D + 1) * self.K

    def __str__(self) -> str:
        """N x D x K, and how many numbers a sparse row holds."""
        size = f"{self.N:,} x {self.D:,} x {self.K:,}"
        return f"{size}, {self.stored / self.N:.0f} per row" if self.sparse else size


@dataclass(frozen=True)
class Data:
    """X (N, D), a C-ordered array or a CSR matrix; y (N,) labels 0, ..., K - 1, each of which occurs."""

    X: Any
    y: np.ndarray

    def __post_init__(self) -> None:
        if len(np.unique(self.y)) != self.y.max() + 1:
            raise ValueError("The labels must be 0, ..., K - 1 and each must occur: make the problem larger.")

    @property
    def shape(self) -> Shape:
        """N, D, K and the stored numbers."""
        stored = self.X.nnz if sparse.issparse(self.X) else self.X.size
        return Shape(self.X.shape[0], self.X.shape[1], int(self.y.max()) + 1, int(stored))

    def astype(self, dtype: str) -> "Data":
        """Return the data with X of that type."""
        return replace(self, X=self.X.astype(dtype, copy=False))

    def rows(self, rows: np.ndarray | None) -> "Data":
        """Return some of the rows, all of them for None."""
        return self if rows is None else Data(self.X[rows], self.y[rows])


@dataclass(frozen=True)
class Piece:
    """One objective of a problem: its C, and its rows (None for all)."""

    C: float
    rows: np.ndarray | None = None


class Recipe(Protocol):
    """How data come about; a frozen record of sizes and seeds, so that its words are true."""

    @property
    def about(self) -> str:
        """A sentence: source, spectrum, noise, seed."""

    def make(self) -> Data:
        """Return the data, or raise `UnavailableError`."""

    def shrunk(self, factor: int) -> "Recipe":
        """Return the same recipe with fewer rows, for `--quick`."""


@dataclass(frozen=True)
class Problem:
    """A recipe and an objective under a name.

    ``budget`` is the time in seconds for which a rival may climb its ladder, ``rivals`` those who are asked (None for
    all), ``rounds`` the number of repeats. ``certified`` names a reference whose optimum is known to 22 digits.
    """

    name: str
    family: str
    recipe: Recipe
    C: float = 1.0
    budget: float = 45.0
    targets: tuple[float, ...] = TARGETS
    dtypes: tuple[str, ...] = ("float64", "float32")
    rivals: tuple[str, ...] | None = None
    rounds: int = 3
    certified: str | None = None
    Cs: tuple[float, ...] = ()
    n_folds: int = 0

    @property
    def is_sweep(self) -> bool:
        """Whether there are several values of C, and folds."""
        return bool(self.Cs)

    def pieces(self, data: Data) -> list[Piece]:
        """Return the objectives: for a sweep those of every fold (fold by fold, C inside), then those of all rows."""
        if not self.is_sweep:
            return [Piece(self.C)]
        subsets = [*(train for train, _ in self.splits(data)), None]
        return [Piece(C, rows) for rows in subsets for C in self.Cs]

    def splits(self, data: Data) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the rows (train, test) of each fold, the classes in proportion."""
        from sklearn.model_selection import StratifiedKFold

        return list(StratifiedKFold(self.n_folds).split(np.zeros(len(data.y)), data.y))

    def at(self, dtype: str) -> "Problem":
        """Return the problem with the targets that such coefficients can reach, and their part of the budget."""
        targets = tuple(target for target in self.targets if target >= FINEST[dtype])
        return replace(self, targets=targets, budget=self.budget * len(targets) / len(self.targets))

    def quick(self) -> "Problem":
        """Return a small version, to see within minutes that everything runs."""
        return replace(self, recipe=self.recipe.shrunk(20), budget=min(self.budget, 4.0), rounds=1)
