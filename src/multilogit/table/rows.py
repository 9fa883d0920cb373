"""The rows that a model is made of: the columns with their roles, the classes, the weights and the groups."""

from dataclasses import dataclass

from multilogit._arrays import Array, Float64, Integers
from multilogit.table.columns import Column, select

__all__ = ["Rows"]


@dataclass(frozen=True)
class Rows:
    """Rows of a table; ``codes`` (N,) are places among ``classes`` (K,).

    ``place`` (N,) says which row of the table each of them is, from 0.
    """

    columns: tuple[tuple[Column, str], ...]
    classes: Array
    codes: Integers
    weight: Float64
    groups: Array | None
    place: Integers

    def take(self, rows: Integers) -> "Rows":
        """Return some of the rows."""
        return Rows(
            tuple((select(column, rows), role) for column, role in self.columns),
            self.classes,
            self.codes[rows],
            self.weight[rows],
            None if self.groups is None else self.groups[rows],
            self.place[rows],
        )

    @property
    def by_name(self) -> dict[str, Column]:
        """The columns by their names."""
        return {column.name: column for column, _ in self.columns}
