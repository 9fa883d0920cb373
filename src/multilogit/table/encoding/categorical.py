"""A column of levels."""

from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Float64
from multilogit.table.columns import Column, level_texts
from multilogit.table.encoding.encoded import Encoded

__all__ = ["Categorical"]

_SHOWN = 8  # levels that a description names


@dataclass(frozen=True)
class Categorical:
    """One 0/1 term per level, less the ``reference`` where there is one; a missing value is a level of its own.

    With a penalty every level has its term: the penalty then treats them alike. Without one these terms and the
    intercept would be linearly dependent, so a reference is left out. A level that training never saw has no term:
    all of them are zero, which is the average level under a penalty and the reference without.
    """

    name: str
    levels: tuple[str, ...]
    reference: str | None
    marks_missing: bool

    @classmethod
    def learn(
        cls, column: Column, weight: Float64, *, has_reference: bool, reference: str | None = None
    ) -> "Categorical":
        """Return the record of the rows of a column; the most frequent level is the reference if none is named."""
        present = ~column.missing & (weight > 0)
        levels, codes = np.unique(level_texts(column)[present].astype(np.str_), return_inverse=True)
        if has_reference and reference is None and len(levels):
            reference = str(levels[np.bincount(codes, weights=weight[present]).argmax()])
        names = tuple(levels.tolist())
        return cls(column.name, names, reference if has_reference else None, bool(column.missing.any()))

    @property
    def coded(self) -> tuple[str, ...]:
        """The levels that have a term."""
        return tuple(level for level in self.levels if level != self.reference)

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of this column's columns of X."""
        own = tuple(f"{self.name}={level}" for level in self.coded)
        return (*own, f"{self.name} (missing)") if self.marks_missing else own

    def row(self, level: str) -> Float64:
        """Return the terms (T,) of a level."""
        return np.array([float(level == each) for each in self.coded] + [0.0] * self.marks_missing)

    def encode(self, column: Column) -> Encoded:
        """Return the terms of the rows of a column."""
        places = {level: place for place, level in enumerate(self.coded)}
        known, texts = frozenset(self.levels), level_texts(column).tolist()
        present = ~column.missing
        unseen = present & np.array([text not in known for text in texts], dtype=np.bool_)
        place = np.array([places.get(text, -1) for text in texts], dtype=np.intp)
        block = np.zeros((len(texts), len(self.terms)))
        rows = np.flatnonzero(present & (place >= 0))
        block[rows, place[rows]] = 1.0
        if self.marks_missing:
            block[:, -1] = column.missing
        return Encoded(block, column.missing, unseen)

    def describe(self) -> str:
        """Return the treatment in words."""
        shown = ", ".join(self.levels[:_SHOWN])
        more = f" and {len(self.levels) - _SHOWN} more" if len(self.levels) > _SHOWN else ""
        reference = f"; reference {self.reference}" if self.reference is not None else ""
        missing = "; a missing value is a level of its own" if self.marks_missing else ""
        return f"categorical, {len(self.levels)} levels: {shown}{more}{reference}{missing}"
