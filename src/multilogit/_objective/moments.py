"""Sums of features and targets that no parameter changes; the certificate needs them."""

from dataclasses import dataclass, fields

from multilogit._arrays import Float64
from multilogit._data.source import RowBlock, Source, reduce_blocks
from multilogit._objective.layout import Layout

__all__ = ["ClassMoments", "class_moments"]


@dataclass(frozen=True, slots=True)
class ClassMoments:
    """Sums over rows with ``c_i = C w_i``.

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


def class_moments(source: Source, layout: Layout, scale: Float64, n_threads: int) -> ClassMoments:
    """Return the moments in one sweep."""

    def of_block(block: RowBlock) -> ClassMoments:
        Y = block.masses(layout.n_classes)
        c = block.weight * scale
        weighted = c[:, :, None] * Y[:, None, :]
        mass = c * Y.sum(axis=1, keepdims=True)
        cross = block.rows.rmatvec(weighted.reshape(len(Y), layout.n_problems * layout.n_classes))
        cross = cross.reshape(len(cross), *weighted.shape[1:])
        return ClassMoments(mass.sum(axis=0), weighted.sum(axis=0), block.rows.rmatvec(mass), cross)

    return reduce_blocks(source, of_block, n_threads)
