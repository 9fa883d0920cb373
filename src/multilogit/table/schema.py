"""What a model knows about its table: the part of every column, and the encodings that make X of some of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, chain, product

from multilogit._arrays import Float64
from multilogit.table.columns import Column
from multilogit.table.encoding import Boolean, Categorical, Encoding, Numeric, Text

__all__ = ["Schema", "learn_encoding", "learn_schema", "values_of"]


@dataclass(frozen=True)
class Schema:
    """The columns of a table as a model uses them, in the table's order.

    Attributes
    ----------
    target : str
        The column that holds the classes.
    columns : tuple of Numeric, Boolean, Categorical or Text
        The encodings of the columns used.
    weights, groups : str or None
        The column that weighted the rows in training, and that of rows that belong together.
    missing_marks : tuple of str
        The texts that a reader of text files must take as missing values.
    products : tuple of tuples of str
        Interactions: columns whose terms are multiplied with each other, beside the terms of every column itself;
        marks of missing values are not.
    """

    target: str
    columns: tuple[Encoding, ...]
    weights: str | None = None
    groups: str | None = None
    missing_marks: tuple[str, ...] = ()
    products: tuple[tuple[str, ...], ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of the D columns of X, in order."""
        return tuple(chain.from_iterable(names for _, names in self._groups()))

    @cached_property
    def spans(self) -> tuple[tuple[tuple[str, ...], slice], ...]:
        """Return the columns of the table behind each group of terms, and the group's place in X."""
        ends = list(accumulate(len(names) for _, names in self._groups()))
        places = map(slice, [0, *ends], ends)
        return tuple((columns, place) for (columns, _), place in zip(self._groups(), places, strict=True))

    def _groups(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        own = {column.name: column.terms for column in self.columns}
        values = {column.name: column.terms[: values_of(column)] for column in self.columns}
        groups = [((name,), terms) for name, terms in own.items()]
        crossed = ((names, product(*(values[name] for name in names))) for names in self.products)
        return groups + [(names, tuple(":".join(terms) for terms in each)) for names, each in crossed]


def values_of(encoding: Encoding) -> int:
    """Return how many of a column's terms, the first ones, are of its values: the mark of a missing one is not."""
    return len(encoding.terms) - getattr(encoding, "marks_missing", False)


def learn_encoding(
    column: Column, role: str, weight: Float64, *, has_reference: bool, reference: str | None = None
) -> Encoding:
    """Return the encoding of a column's rows in the role that was decided for it."""
    if role == "numeric":
        return Numeric.learn(column, weight)
    if role == "boolean":
        return Boolean.learn(column, weight)
    if role == "text":
        return Text.learn(column, weight)
    return Categorical.learn(column, weight, has_reference=has_reference, reference=reference)


def learn_schema(
    like: Schema,
    columns: Sequence[tuple[Column, str]],
    weight: Float64,
    *,
    has_reference: bool,
    references: Mapping[str, str],
) -> Schema:
    """Return a schema like ``like`` whose encodings are learnt from some rows of columns with their roles."""
    learnt = tuple(
        learn_encoding(column, role, weight, has_reference=has_reference, reference=references.get(column.name))
        for column, role in columns
    )
    return replace(like, columns=learnt)
