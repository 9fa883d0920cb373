"""Reads the columns of a data frame, of any library that narwhals knows, into plain arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from multilogit._arrays import Array
from multilogit.errors import InputError
from multilogit.table.words import shown

__all__ = ["Column", "Kind", "level_text", "level_texts", "one_row", "read_columns", "select"]


class Kind(Enum):
    """What the present values of a column are; the value is the word for it."""

    NUMBERS = "numbers"
    BOOLEANS = "booleans"
    TEXT = "text"
    DATES = "dates or times"
    OTHER = "nested or binary values"
    EMPTY = "no values"


@dataclass(frozen=True)
class Column:
    """One column as arrays.

    Attributes
    ----------
    values : (N,) array
        NUMBERS: float64, int64 or uint64; BOOLEANS: bool; TEXT: object (str). Meaningless where missing,
        and all None for the other kinds.
    missing : (N,) bool array
        Null, and NaN among numbers.
    first : int
        The row of the table, from 0, that the first row here is: for errors.
    """

    name: str
    kind: Kind
    values: Array
    missing: Array
    first: int = 0


def read_columns(frame: Any) -> dict[str, Column]:
    """Return the columns of a data frame by name, in order.

    Raises
    ------
    TypeError
        If `frame` is not an eager data frame that narwhals can read.
    InputError
        If a name is no text, or a column of Python objects mixes kinds of values.
    """
    table = nw.from_native(frame, eager_only=True)
    if (number := next((name for name in table.columns if not isinstance(name, str)), None)) is not None:
        raise InputError(f"the names of columns must be text. Got {number!r} ({type(number).__name__}).")
    return {name: _read(table[name]) for name in table.columns}


def select(column: Column, rows: Array) -> Column:
    """Return the column at some rows (indices or a mask)."""
    return Column(column.name, column.kind, column.values[rows], column.missing[rows])


def one_row(column: Column, row: int) -> Column:
    """Return the column at one row, which keeps its number."""
    return replace(select(column, np.array([row])), first=row)


def level_texts(column: Column) -> Array:
    """Return the values as the texts that name levels: whole numbers without a point, true and false."""
    if column.kind is Kind.TEXT:
        return column.values
    return np.array([level_text(value) for value in column.values.tolist()], dtype=object)


def level_text(value: object) -> str:
    """Return one value as the text that names it as a level.

    Examples
    --------
    >>> level_text(3.0), level_text(0.5), level_text(True), level_text("a")
    ('3', '0.5', 'true', 'a')
    """
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _read(series: nw.Series[Any]) -> Column:
    missing = series.is_null().to_numpy().astype(bool)
    kind = Kind.EMPTY if missing.all() else _kind_of_type(series.dtype)
    if kind is Kind.NUMBERS:
        return _numbers(series, missing)
    if kind is Kind.TEXT:
        return _filled(series.name, kind, series.cast(nw.String).to_list(), missing)
    if kind is Kind.BOOLEANS:
        return _filled(series.name, kind, series.to_list(), missing)
    if kind is Kind.OTHER and isinstance(series.dtype, nw.Object):
        return _from_objects(series.name, series.to_list(), missing)
    return Column(series.name, kind, np.full(missing.size, None, dtype=object), missing)


def _kind_of_type(dtype: nw.dtypes.DType) -> Kind:
    if dtype.is_numeric():
        return Kind.NUMBERS
    if dtype.is_temporal():
        return Kind.DATES
    if isinstance(dtype, nw.Boolean):
        return Kind.BOOLEANS
    return Kind.TEXT if isinstance(dtype, (nw.String, nw.Categorical, nw.Enum)) else Kind.OTHER


def _numbers(series: nw.Series[Any], missing: Array) -> Column:
    if series.dtype.is_integer():
        wide = nw.UInt64 if series.dtype.is_unsigned_integer() else nw.Int64
        present = series.fill_null(0) if missing.any() else series
        return Column(series.name, Kind.NUMBERS, present.cast(wide).to_numpy(), missing)
    values = np.array(series.cast(nw.Float64).to_numpy(), dtype=np.float64)
    values[missing] = np.nan
    return Column(series.name, Kind.NUMBERS, values, np.isnan(values))


def _filled(name: str, kind: Kind, values: Sequence[Any], missing: Array) -> Column:
    dtype, filler = {
        Kind.BOOLEANS: (np.bool_, False),
        Kind.NUMBERS: (np.float64, np.nan),
        Kind.TEXT: (np.object_, ""),
    }[kind]
    filled = [filler if gone else value for value, gone in zip(values, missing.tolist(), strict=True)]
    array: Array = np.array(filled, dtype=dtype)
    return Column(name, kind, array, missing | np.isnan(array) if kind is Kind.NUMBERS else missing)


def _from_objects(name: str, values: Sequence[Any], missing: Array) -> Column:
    """Read Python values: all booleans, all numbers or all text."""
    present = np.flatnonzero(~missing).tolist()
    kind = _kind_of(values[present[0]])
    for row in present:
        other = _kind_of(values[row])
        if other is Kind.OTHER:
            raise InputError(
                f"column {name!r} holds {shown(values[row])} ({type(values[row]).__name__}) in row {row + 1}; "
                "expected numbers, booleans or text. Convert the column, or exclude it."
            )
        if other is not kind:
            raise InputError(
                f"column {name!r} mixes {kind.value} and {other.value}: row {present[0] + 1} holds "
                f"{shown(values[present[0]])}, row {row + 1} holds {shown(values[row])}. "
                "Convert the column to one type."
            )
    return _filled(name, kind, values, missing)


def _kind_of(value: object) -> Kind:
    if isinstance(value, (bool, np.bool_)):
        return Kind.BOOLEANS
    if isinstance(value, (int, float, np.integer, np.floating)):
        return Kind.NUMBERS
    return Kind.TEXT if isinstance(value, str) else Kind.OTHER
