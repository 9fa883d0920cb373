"""The design matrix of a table, under a schema that is already learnt. Every row has its place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from scipy import sparse

from multilogit._arrays import Float64
from multilogit.errors import InputError
from multilogit.table.columns import Column, Kind, level_text
from multilogit.table.decide import as_asked, check_finite
from multilogit.table.encoding import Boolean, Categorical, Encoding, Numeric, Text
from multilogit.table.schema import Schema, values_of
from multilogit.table.words import counted, shown, unknown_column

__all__ = ["Design", "Novelty", "crossed", "encode"]

_EXPECTED = {Numeric: Kind.NUMBERS, Boolean: Kind.BOOLEANS, Text: Kind.TEXT}
_EMPTY = {Numeric: np.float64, Boolean: np.bool_, Categorical: np.object_, Text: np.object_}


@dataclass(frozen=True)
class Novelty:
    """What prediction met in a column and training never did: in how many rows, and first where (from 1) and what."""

    column: str
    rows: int
    first_row: int
    value: str | None

    def sentence(self) -> str:
        """Return it in words."""
        where = f"{counted(self.rows, 'row')} (the first: row {self.first_row}"
        if self.value is None:
            return f"column {self.column!r} has no value in {where}); in training every row had one"
        return f"column {self.column!r} holds what training never saw in {where}, {shown(self.value)})"


@dataclass(frozen=True)
class Design:
    """X (N, D), dense or CSR, and what is new in it."""

    X: Any
    novelties: tuple[Novelty, ...]


def encode(schema: Schema, columns: Mapping[str, Column]) -> Design:
    """Return the design matrix of a table; columns that the schema does not use are ignored.

    Raises
    ------
    InputError
        If a column is missing, holds another kind of value than in training, or an infinite number.
    """
    blocks: dict[str, Any] = {}
    novelties = []
    for encoding in schema.columns:
        column = _checked(encoding, schema, columns)
        found = encoding.encode(column)
        blocks[encoding.name] = found.block
        marks = getattr(encoding, "marks_missing", True)  # a missing text is an empty one, whatever training saw
        novel = found.unseen if marks else found.unseen | found.missing
        if novel.any():
            novelties.append(_novelty(column, novel))
    groups = list(blocks.values())
    if schema.products:
        values = {each.name: blocks[each.name][:, : values_of(each)] for each in schema.columns}
        groups += [reduce(crossed, [values[name] for name in names]) for names in schema.products]
    if any(sparse.issparse(group) for group in groups):
        return Design(sparse.csr_array(sparse.hstack(groups, format="csr")), tuple(novelties))
    return Design(np.hstack(groups), tuple(novelties))


def crossed(left: Float64, right: Float64) -> Float64:
    """Return every product of a term of one block (N, S) with a term of the other (N, T), as (N, S T).

    Examples
    --------
    >>> crossed(np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]]))
    array([[ 3.,  5.,  6., 10.]])
    """
    return np.asarray((left[:, :, None] * right[:, None, :]).reshape(len(left), -1))


def _checked(encoding: Encoding, schema: Schema, columns: Mapping[str, Column]) -> Column:
    """Return the column that an encoding asks for, of a kind that it can take."""
    if encoding.name not in columns:
        taken = {each.name for each in schema.columns}
        raise unknown_column(encoding.name, columns, "an input of the model", taken)
    column = columns[encoding.name]
    if column.kind is Kind.EMPTY:
        return replace(column, values=np.zeros(len(column.missing), dtype=_EMPTY[type(encoding)]))
    if isinstance(encoding, Numeric) and column.kind is Kind.TEXT:
        column = as_asked(column, "numeric")[0]
    expected = _EXPECTED.get(type(encoding), column.kind)
    if column.kind is not expected or column.kind in {Kind.DATES, Kind.OTHER}:
        raise InputError(
            f"column {column.name!r} holds {column.kind.value}, but the model was trained on it as "
            f"{encoding.describe()}. Convert the column to what it was in training."
        )
    check_finite(column)
    return column


def _novelty(column: Column, novel: np.ndarray[Any, Any]) -> Novelty:
    row = int(novel.argmax())
    value = None if column.missing[row] else level_text(column.values[row])
    return Novelty(column.name, int(novel.sum()), row + 1, value)
