"""What the columns of a text file mean: numbers, truth values or text.

At training the values decide; at prediction the model's schema does, so that a column of levels such as "1"
and "2" is read as in training whatever else the new file holds.
"""

from collections.abc import Collection

import polars as pl

from multilogit.errors import InputError
from multilogit.table import Boolean, Categorical, Schema
from multilogit.table.text import first_inexact

__all__ = ["typed_by_schema", "typed_by_values"]

TRUTH = {"true": True, "false": False}
DECIMAL_COMMA = r"^[+-]?\d+(,\d+)+$"
FEWEST_INEXACT_DIGITS = 16  # of 2**53 + 1
INTEGER = r"^(0|-?[1-9]\d{0,17})$"


def typed_by_values(frame: pl.DataFrame, target: str, categorical: Collection[str]) -> pl.DataFrame:
    """Return the table with the types that the values of each column show.

    Parameters
    ----------
    frame : polars.DataFrame
        All columns text.
    target : str
        Becomes integers if every label is one, else stays text, unless its labels are fractional numbers.
    categorical : collection of str
        Columns that stay text.

    Raises
    ------
    InputError
        If some but not all values of a column are numbers and these are the greater part, or all are numbers
        with commas; naming the row and the value.
    """
    return pl.DataFrame(
        [
            _label(series) if name == target else series if name in categorical else _typed(series)
            for name, series in zip(frame.columns, frame.iter_columns(), strict=True)
        ]
    )


def typed_by_schema(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return the table with the columns that a model uses, as far as they are there, as in its training.

    Raises
    ------
    InputError
        If a value is not of the column's type; naming the row and the value.
    """
    known = [column for column in schema.columns if column.name in frame.columns]
    typed = []
    for column in known:
        text = frame[column.name]
        if isinstance(column, Categorical):
            typed.append(text)
        elif isinstance(column, Boolean):
            typed.append(_complete(text, _truth(text), "true or false"))
        else:
            typed.append(_complete(text, _numbers(text), "a number"))
    return frame.with_columns(typed)


def _typed(text: pl.Series) -> pl.Series:
    present = text.len() - text.null_count()
    if not present or _would_be_rounded(text):
        return text
    for converted in (_numbers(text), _truth(text)):
        if converted.null_count() == text.null_count():
            return converted
    numbers = _numbers(text)
    if (numbers.len() - numbers.null_count()) * 2 > present:
        row = int((text.is_not_null() & numbers.is_null()).arg_max() or 0)
        raise InputError(
            f"column {text.name!r} holds numbers, but {text[row]!r} in row {row + 1} is none. If it marks a "
            f"missing value, add --na {text[row]!r}; else correct it, or add --categorical or --exclude "
            f"{text.name!r}."
        )
    if text.str.contains(DECIMAL_COMMA).all():
        raise InputError(
            f"column {text.name!r} holds numbers with commas (the first: {text.drop_nulls()[0]!r}); write "
            f"decimals with a point and thousands without a mark, or add --categorical {text.name!r}."
        )
    return text


def _label(text: pl.Series) -> pl.Series:
    """Return integers if each label is one in its plain form, fractional numbers as such, and else text."""
    if text.null_count() == text.len():
        return text
    if text.str.contains(INTEGER).all():
        return text.cast(pl.Int64)
    numbers = _numbers(text)
    fractional = numbers.null_count() == text.null_count() and (numbers % 1 != 0).any()
    return numbers if fractional else text


def _numbers(text: pl.Series) -> pl.Series:
    return text.cast(pl.Float64, strict=False)


def _truth(text: pl.Series) -> pl.Series:
    return text.str.to_lowercase().replace_strict(TRUTH, default=None, return_dtype=pl.Boolean)


def _would_be_rounded(text: pl.Series) -> bool:
    """Return whether all values are integers and float64 does not hold one of them."""
    long = text.filter(text.str.len_bytes() >= FEWEST_INEXACT_DIGITS)
    if not long.len() or not text.str.contains(r"^[+-]?\d+$").all():
        return False
    return first_inexact(long.to_list()) is not None


def _complete(text: pl.Series, converted: pl.Series, expected: str) -> pl.Series:
    """Return the converted values, or raise for the first that could not be converted."""
    lost = text.is_not_null() & converted.is_null()
    if lost.any():
        row = int(lost.arg_max() or 0)
        raise InputError(
            f"column {text.name!r} holds {text[row]!r} in row {row + 1}; expected {expected}, as in "
            "training. Correct the value, or leave it empty to skip the row."
        )
    return converted
