"""What the columns of a text file mean: numbers, truth values or text.

At training the values decide; at prediction the model's schema does, so that a column of levels such as "1"
and "2" is read as in training whatever else the new file holds.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from multilogit._arrays import Integers
from multilogit.errors import InputError
from multilogit.table.encoding import Boolean, Numeric
from multilogit.table.schema import Schema
from multilogit.table.text import first_inexact
from multilogit.table.words import shown

__all__ = ["Texts"]

TRUTH = {"true": True, "false": False}
COMMA_NUMBER = r"^[+-]?\d[\d.]*(,\d+)*$"
LEADING_ZERO = r"^[+-]?0\d"
FEWEST_INEXACT_DIGITS = 16  # of 2**53 + 1
INTEGER = r"^(0|-?[1-9]\d{0,17})$"


@dataclass(frozen=True)
class Texts:
    """The columns of a file as texts, null where a value is missing, and the line on which each row begins."""

    frame: pl.DataFrame
    lines: Integers
    decimal: str = "."

    def by_values(self, target: str, as_text: Collection[str]) -> pl.DataFrame:
        """Return the table with the types that the values of each column show.

        The ``target`` becomes integers if every label is one, else stays text, unless its labels are fractional
        numbers; the columns ``as_text`` stay text.

        Raises
        ------
        InputError
            If some but not all values of a column are numbers and these are the greater part, or all are numbers
            with commas, or one is infinite; naming the line and the value.
        """
        typed = []
        for name, texts in zip(self.frame.columns, self.frame.iter_columns(), strict=True):
            typed.append(self._label(texts) if name == target else texts if name in as_text else self._typed(texts))
        return pl.DataFrame(typed)

    def by_schema(self, schema: Schema) -> pl.DataFrame:
        """Return the table with the columns that a model uses, as far as they are there, as in its training.

        Raises
        ------
        InputError
            If a value is not of the column's type; naming the line and the value.
        """
        typed = []
        for encoding in schema.columns:
            if encoding.name not in self.frame.columns:
                continue
            texts = self.frame[encoding.name]
            if isinstance(encoding, Boolean):
                typed.append(self._complete(texts, _truth(texts), "true or false"))
            elif isinstance(encoding, Numeric):
                typed.append(self._finite(texts, self._complete(texts, self._numbers(texts), "a number")))
            else:
                typed.append(texts)
        if schema.target in self.frame.columns:
            typed.append(self._label(self.frame[schema.target]))
        return self.frame.with_columns(typed)

    def _typed(self, texts: pl.Series) -> pl.Series:
        present = texts.len() - texts.null_count()
        if not present or _would_be_rounded(texts) or texts.str.contains(LEADING_ZERO).any():
            return texts
        numbers = self._numbers(texts)
        if numbers.null_count() == texts.null_count():
            return self._finite(texts, numbers)
        truth = _truth(texts)
        if truth.null_count() == texts.null_count():
            return truth
        if (numbers.len() - numbers.null_count()) * 2 > present:
            row = _first(texts.is_not_null() & numbers.is_null())
            if self.decimal == "." and "," in texts[row] and re.search(COMMA_NUMBER, texts[row]):
                raise InputError(
                    f"line {self.lines[row]}: column {texts.name!r} holds numbers, and {shown(texts[row])} with a "
                    "comma; if it is a decimal comma, add --decimal ','; else write thousands without a mark."
                )
            raise InputError(
                f"line {self.lines[row]}: column {texts.name!r} holds numbers, but {shown(texts[row])} is none. If it "
                f"marks a missing value, add --na {shown(texts[row])}; else correct it, or add --categorical or --drop "
                f"{texts.name!r}."
            )
        if self._has_commas(texts.drop_nulls()):
            raise InputError(
                f"column {texts.name!r} holds numbers with commas (the first: {shown(texts.drop_nulls()[0])}); if they "
                "are decimal commas, add --decimal ','; else write thousands without a mark, or add --categorical "
                f"{texts.name!r}."
            )
        return texts

    def _has_commas(self, present: pl.Series) -> bool:
        """Return whether all texts would be numbers if some of their commas were points, or were not there."""
        commas = present.str.contains(",", literal=True)
        return self.decimal == "." and commas.any() and present.str.contains(COMMA_NUMBER).all()

    def _label(self, texts: pl.Series) -> pl.Series:
        """Return integers if each label is one in its plain form, fractional numbers as such, and else text."""
        if texts.null_count() == texts.len():
            return texts
        if texts.drop_nulls().str.contains(INTEGER).all():
            return texts.cast(pl.Int64)
        numbers = self._numbers(texts)
        fractional = numbers.null_count() == texts.null_count() and (numbers % 1 != 0).any()
        return numbers if fractional else texts

    def _numbers(self, texts: pl.Series) -> pl.Series:
        if self.decimal != ".":  # then a point separates thousands, or is a mistake
            points = texts.str.contains(".", literal=True)
            texts = pl.select(pl.when(~points).then(texts.str.replace(self.decimal, ".", literal=True))).to_series()
        return texts.cast(pl.Float64, strict=False)

    def _finite(self, texts: pl.Series, numbers: pl.Series) -> pl.Series:
        if (infinite := numbers.is_infinite().fill_null(value=False)).any():
            row = _first(infinite)
            raise InputError(
                f"line {self.lines[row]}: column {texts.name!r} holds {shown(texts[row])}, which is infinite or too "
                "large for a number. Correct it, or leave it empty if it is missing."
            )
        return numbers

    def _complete(self, texts: pl.Series, converted: pl.Series, expected: str) -> pl.Series:
        """Return the converted values, or raise for the first that could not be converted."""
        lost = texts.is_not_null() & converted.is_null()
        if lost.any():
            row = _first(lost)
            commas = "," in texts[row] and self.decimal == "."
            hint = " If its comma is a decimal comma, add --decimal ','." if commas else ""
            raise InputError(
                f"line {self.lines[row]}: column {texts.name!r} holds {shown(texts[row])}; expected {expected}, as in "
                f"training. Correct the value, or leave it empty if it is missing.{hint}"
            )
        return converted


def _truth(texts: pl.Series) -> pl.Series:
    return texts.str.to_lowercase().replace_strict(TRUTH, default=None, return_dtype=pl.Boolean)


def _first(which: pl.Series) -> int:
    return int(which.arg_max() or 0)


def _would_be_rounded(texts: pl.Series) -> bool:
    """Return whether all values are integers and float64 does not hold one of them."""
    long = texts.filter(texts.str.len_bytes() >= FEWEST_INEXACT_DIGITS)
    if not long.len() or not texts.drop_nulls().str.contains(r"^[+-]?\d+$").all():
        return False
    return first_inexact(long.to_list()) is not None
