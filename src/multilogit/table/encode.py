"""The design matrix of a table, under a schema that is already decided.

A row with a missing value, or with a level that training never saw, has no row of X: it keeps its place,
filled with NaN, and `Design` says which rows these are and why the first one is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Array, Float64
from multilogit.errors import InputError
from multilogit.table.columns import Column, Kind, level_text, level_texts
from multilogit.table.decide import check_finite
from multilogit.table.schema import Boolean, Categorical, Numeric, Schema, Treatment
from multilogit.table.words import unknown_column

__all__ = ["Design", "Unusable", "encode"]

EXPECTED = {Numeric: Kind.NUMBERS, Boolean: Kind.BOOLEANS}


@dataclass(frozen=True)
class Unusable:
    """A row without a prediction: its place from 0, and the first column that is to blame."""

    row: int
    column: str
    value: str | None

    def sentence(self) -> str:
        """Return the reason in words, with the row counted from 1."""
        if self.value is None:
            return f"row {self.row + 1} has no value in column {self.column!r}"
        return f"row {self.row + 1} has {self.value!r} in column {self.column!r}, which training never saw"


@dataclass(frozen=True)
class Design:
    """The matrix X (N, D), which rows of it are NaN as they cannot be encoded, and the first of these."""

    X: Float64
    unusable: Array
    first: Unusable | None


def encode(schema: Schema, columns: Mapping[str, Column]) -> Design:
    """Return the design matrix of a table.

    Parameters
    ----------
    schema : Schema
        The treatment of each column, in the order of X.
    columns : mapping of str to Column
        The table; columns that the schema does not use are ignored.

    Raises
    ------
    InputError
        If a column is missing, holds another kind of value than in training, or an infinite number.
    """
    used = [(treatment, _checked(treatment, schema, columns)) for treatment in schema.columns]
    rows = used[0][1].values.shape[0]
    X = np.empty((rows, len(schema.terms)))
    bad = np.zeros((len(used), rows), dtype=bool)
    start = 0
    for place, (treatment, column) in enumerate(used):
        stop = start + len(treatment.terms)
        bad[place] = _fill(X[:, start:stop], treatment, column)
        start = stop
    unusable: Array = np.logical_or.reduce(bad, axis=0)
    X[unusable] = np.nan
    return Design(X, unusable, _first(used, bad) if unusable.any() else None)


def _checked(treatment: Treatment, schema: Schema, columns: Mapping[str, Column]) -> Column:
    """Return the column that a treatment asks for, of a kind that it can take."""
    if treatment.name not in columns:
        taken = {column.name for column in schema.columns}
        raise unknown_column(treatment.name, columns, "an input of the model", taken)
    column = columns[treatment.name]
    expected = EXPECTED.get(type(treatment), column.kind)
    if column.kind not in {expected, Kind.EMPTY} or column.kind in {Kind.DATES, Kind.OTHER}:
        raise InputError(
            f"column {column.name!r} holds {column.kind.value}, but the model was trained on it as "
            f"{treatment.describe()}. Convert the column to what it was in training."
        )
    check_finite(column)
    return column


def _fill(block: Float64, treatment: Treatment, column: Column) -> Array:
    """Write a column's terms into its block of X; return which rows cannot be encoded."""
    if column.kind is Kind.EMPTY:
        return column.missing
    if not isinstance(treatment, Categorical):
        block[:, 0] = column.values
        return column.missing
    codes = {level: code for code, level in enumerate(treatment.levels)}
    code = np.array([codes.get(text, -1) for text in level_texts(column).tolist()], dtype=np.intp)
    block[:] = code[:, None] == np.arange(treatment.has_reference, len(treatment.levels))
    return column.missing | (code < 0)


def _first(used: list[tuple[Treatment, Column]], bad: Array) -> Unusable:
    row = int(bad.any(axis=0).argmax())
    _, column = used[int(bad[:, row].argmax())]
    return Unusable(row, column.name, None if column.missing[row] else level_text(column.values[row]))
