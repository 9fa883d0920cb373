"""Reads the class labels, and refuses a column that holds no classes, with advice."""

import numpy as np

from multilogit._arrays import Array
from multilogit.errors import InputError
from multilogit.table.columns import Column, Kind
from multilogit.table.decide import FEW_LEVELS, check_finite, names_rows
from multilogit.table.text import look_like_dates, look_like_numbers
from multilogit.table.words import shown

__all__ = ["check_target", "labels"]

ROWS_PER_NUMBER = 10


def check_target(column: Column, *, forced: bool) -> None:
    """Raise if the present values of a column cannot be classes.

    Numbers, as such or as texts, of more than `FEW_LEVELS` values, of which each stands in fewer than
    `ROWS_PER_NUMBER` rows on the average, measure a quantity.

    Parameters
    ----------
    column : Column
    forced : bool
        Whether the user named the column categorical: then only a single value is refused.

    Raises
    ------
    InputError
        If there are no values, only one, fractional or infinite numbers, dates, nested values, or about as
        many values as rows.
    """
    if column.kind in {Kind.EMPTY, Kind.DATES, Kind.OTHER}:
        remedy = " Convert it to text to take each value as a class." if column.kind is Kind.DATES else ""
        raise InputError(f"the target {column.name!r} holds {column.kind.value}; expected class labels.{remedy}")
    check_finite(column)
    values = column.values[~column.missing]
    if len(set(values.tolist())) == 1:
        where = f"all {values.size:,} rows that have a value" if values.size > 1 else "the only row that has a value"
        raise InputError(
            f"the target {column.name!r} is constant: {shown(values.tolist()[0])} in {where}. A classifier needs at "
            "least two classes."
        )
    if not forced and (fault := _fault_of_labels(column)):
        raise InputError(
            f"the target {column.name!r} {fault}. Choose a column of classes, cut this one into ranges first, or "
            "take its values as classes all the same by naming it categorical (--categorical)."
        )


def _fault_of_labels(column: Column) -> str | None:
    """Return what shows that values are not meant as classes, or None."""
    present = np.flatnonzero(~column.missing)
    values = column.values[present]
    levels = set(values.tolist())
    if values.dtype == np.float64 and (fractional := values % 1 != 0).any():
        row = int(present[fractional.argmax()])
        return (
            f"holds fractional numbers (row {row + 1}: {column.values[row]}), which measure a "
            "quantity: this looks like regression"
        )
    is_text = column.kind is Kind.TEXT
    if is_text and look_like_dates(levels):
        return f"holds dates or times (row {present[0] + 1}: {shown(values[0])})"
    many = len(levels) > max(FEW_LEVELS, values.size // ROWS_PER_NUMBER)
    quantity = many and (column.kind is Kind.NUMBERS or (is_text and look_like_numbers(levels)))
    if quantity or names_rows(len(levels), values.size):
        return (
            f"has {len(levels):,} different values in {values.size:,} rows, so it names rows or measures a quantity: "
            "this looks like regression"
        )
    return None


def labels(column: Column) -> Array:
    """Return the labels of a column without missing values, as text, integers, numbers or booleans."""
    return column.values.astype(np.str_) if column.kind is Kind.TEXT else column.values
