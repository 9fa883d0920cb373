"""Sums of features and targets that no parameter changes; the certificate needs them."""

from dataclasses import dataclass, fields

from multilogit._arrays import Float64, Integers
from multilogit._data.source import RowBlock, Source, reduce_blocks

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

    def of_block(block: RowBlock) -> ClassMoments:
        Y = block.masses(n_classes)
        weighted = block.weight[:, :, None] * Y[:, None, :]
        mass = block.weight * Y.sum(axis=1, keepdims=True)
        cross = block.rows.rmatvec(weighted.reshape(len(Y), -1))
        cross = cross.reshape(len(cross), *weighted.shape[1:])
        return ClassMoments(mass.sum(axis=0), weighted.sum(axis=0), block.rows.rmatvec(mass), cross)

    return reduce_blocks(source, of_block, n_threads)
