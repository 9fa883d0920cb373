"""Rows and what they should give: the data that a network is trained on, in memory."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from multilogit._arrays import Floats, Integers

__all__ = ["Examples"]


@dataclass(frozen=True)
class Examples:
    """X (N, D) with targets: Y (N, K), or labels (N,) of classes 0, ..., K - 1 as numbers; all of one float type.

    ``weight`` (N,) is None for ones.
    """

    X: Floats
    Y: Floats | None = None
    labels: Floats | None = None
    weight: Floats | None = None

    def __len__(self) -> int:
        """Return N."""
        return len(self.X)

    @property
    def weights(self) -> Floats:
        """The weights (N,)."""
        return np.ones(len(self), dtype=self.X.dtype) if self.weight is None else self.weight

    def masses(self, K: int) -> Floats:
        """Return the targets as (N, K)."""
        if self.Y is not None:
            return self.Y
        assert self.labels is not None
        return np.asarray(self.labels[:, None] == np.arange(K), dtype=self.X.dtype)

    def astype(self, dtype: npt.DTypeLike) -> "Examples":
        """Return them as numbers of another type."""

        def of(array: Floats | None) -> Floats | None:
            return None if array is None else array.astype(dtype)

        return Examples(self.X.astype(dtype), of(self.Y), of(self.labels), of(self.weight))

    def rows(self, which: Integers) -> "Examples":
        """Return some of the rows, with their weights over their number: a mini-batch."""

        def of(array: Floats | None) -> Floats | None:
            return None if array is None else array[which]

        share = self.X.dtype.type(1 / len(which))
        return Examples(self.X[which], of(self.Y), of(self.labels), self.weights[which] * share)

    def part(self, start: int, end: int) -> "Examples":
        """Return rows start, ..., end - 1 with their weights as they are."""

        def of(array: Floats | None) -> Floats | None:
            return None if array is None else array[start:end]

        return Examples(self.X[start:end], of(self.Y), of(self.labels), of(self.weight))
