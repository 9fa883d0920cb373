"""Sums of features and targets that no parameter changes; the certificate needs them."""

from dataclasses import dataclass, fields

import numpy as np

from multilogit._arrays import Float64, Integers
from multilogit._data.source import RowBlock, Source, reduce_blocks
from multilogit._objective.layout import Layout
from multilogit._objective.native import NativeSweep, open_native

__all__ = ["ClassMoments", "class_moments"]


@dataclass(frozen=True, slots=True)
class ClassMoments:
    """Sums over rows with weights c_i, one set per column of weights.

    - ``mass`` (R,) sum of c_i m_i
    - ``targets`` (R, K) sum of c_i y_i
    - ``features`` (D, R) sum of c_i m_i x_i
    - ``cross`` (D, R, K) sum of c_i x_i y_i'
    """

    mass: Float64
    targets: Float64
    features: Float64
    cross: Float64

    def __add__(self, other: "ClassMoments") -> "ClassMoments":
        """Return the merged sums."""
        return ClassMoments(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def scaled(self, columns: Integers, scale: Float64) -> "ClassMoments":
        """Return the moments of problems whose weights are ``scale`` (R,) times those of ``columns`` (R,)."""
        if len(columns) == len(self.mass) == 1 and scale[0] == 1.0:
            return self  # no copy of the largest of them
        return ClassMoments(
            self.mass[columns] * scale,
            self.targets[columns] * scale[:, None],
            self.features[:, columns] * scale,
            self.cross[:, columns] * scale[:, None],
        )


def class_moments(source: Source, n_classes: int, n_threads: int) -> ClassMoments:
    """Return the moments of every column of the source's weights, in one sweep."""
    if (native := _native(source, n_classes, n_threads)) is not None:
        cross, targets = native.moments()
        return ClassMoments(targets.sum(axis=1), targets, cross.sum(axis=2), cross)

    def of_block(block: RowBlock) -> ClassMoments:
        Y = block.masses(n_classes)
        weighted = block.weight[:, :, None] * Y[:, None, :]
        mass = block.weight * Y.sum(axis=1, keepdims=True)
        cross = block.rows.rmatvec(weighted.reshape(len(Y), -1))
        cross = cross.reshape(len(cross), *weighted.shape[1:])
        return ClassMoments(mass.sum(axis=0), weighted.sum(axis=0), block.rows.rmatvec(mass), cross)

    return reduce_blocks(source, of_block, n_threads)


def _native(source: Source, n_classes: int, n_threads: int) -> NativeSweep | None:
    """Return the compiled sweep over dense rows, each column of the weights a problem."""
    F = source.n_problems
    if source.sparse:
        return None
    layout = Layout(source.n_features, n_classes, np.ones((F, n_classes), dtype=np.bool_))
    return open_native(source, layout, np.arange(F), np.ones(F), n_threads)
