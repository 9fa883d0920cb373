"""A column of true and false."""

from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Float64
from multilogit.table.columns import Column
from multilogit.table.encoding.encoded import Encoded, with_mark

__all__ = ["Boolean"]


@dataclass(frozen=True)
class Boolean:
    """1 where true; a missing value becomes the more frequent one, and a second term marks it if training had any."""

    name: str
    usual: bool
    marks_missing: bool

    @classmethod
    def learn(cls, column: Column, weight: Float64) -> "Boolean":
        """Return the record of the rows of a column."""
        present = ~column.missing
        true = float(weight[present & column.values.astype(np.bool_)].sum())
        return cls(column.name, 2.0 * true > float(weight[present].sum()), bool(column.missing.any()))

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of this column's columns of X."""
        return (self.name, f"{self.name} (missing)") if self.marks_missing else (self.name,)

    def encode(self, column: Column) -> Encoded:
        """Return the terms of the rows of a column."""
        x = np.where(column.missing, self.usual, column.values).astype(np.float64)
        return with_mark(x, column.missing, has_mark=self.marks_missing)

    def describe(self) -> str:
        """Return the treatment in words."""
        usual = "true" if self.usual else "false"
        return "boolean, 1 where true" + (
            f"; missing values become {usual}, and are marked" if self.marks_missing else ""
        )
