"""What a model knows about its table: each column's treatment, and the columns that it leaves out.

A categorical column becomes one 0/1 term per level when ``C`` is finite: the penalty then treats the levels
alike, and no answer depends on which level the alphabet puts first. At ``C = inf`` those terms and the
intercept would be linearly dependent, so the first level is the reference and has no term of its own.
"""

from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

__all__ = ["Boolean", "Categorical", "LeftOut", "Numeric", "Schema", "Treatment"]


@dataclass(frozen=True)
class Numeric:
    """A column of finite numbers: one term, the number itself."""

    name: str

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of this column's columns of X."""
        return (self.name,)

    def describe(self) -> str:
        """Return the treatment in words."""
        return "numeric"


@dataclass(frozen=True)
class Boolean:
    """A column of true and false: one term, 1 where true and 0 where false."""

    name: str

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of this column's columns of X."""
        return (self.name,)

    def describe(self) -> str:
        """Return the treatment in words."""
        return "boolean: 1 where true"


@dataclass(frozen=True)
class Categorical:
    """A column of levels, sorted: one 0/1 term per level, less the first if it is the reference."""

    name: str
    levels: tuple[str, ...]
    has_reference: bool

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of this column's columns of X."""
        return tuple(f"{self.name}={level}" for level in self.levels[self.has_reference :])

    def describe(self, most: int = 8) -> str:
        """Return the treatment in words, with at most `most` levels by name."""
        shown = ", ".join(self.levels[:most])
        more = f" and {len(self.levels) - most} more" if len(self.levels) > most else ""
        reference = f"; reference {self.levels[0]}" if self.has_reference else ""
        return f"categorical, {len(self.levels)} levels: {shown}{more}{reference}"


Treatment: TypeAlias = Numeric | Boolean | Categorical


@dataclass(frozen=True)
class LeftOut:
    """A column that the model does not use, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Schema:
    """The columns of a table as a model uses them.

    Attributes
    ----------
    target : str
        The column that holds the classes.
    columns : tuple of Numeric, Boolean or Categorical
        The columns used, in the table's order.
    left_out : tuple of LeftOut
        The columns not used.
    weights : str or None
        The column that weighted the rows in training.
    missing_marks : tuple of str
        The texts that a reader of text files must take as missing values.
    """

    target: str
    columns: tuple[Treatment, ...]
    left_out: tuple[LeftOut, ...] = ()
    weights: str | None = None
    missing_marks: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of the D columns of X, in order."""
        return tuple(chain.from_iterable(column.terms for column in self.columns))
