"""What the texts of a column look like where they are no words: numbers, amounts with a unit, dates or times."""

import re
from collections.abc import Collection, Iterable

__all__ = ["NUMBER", "first_inexact", "has_words", "look_like_amounts", "look_like_dates", "look_like_numbers"]

INTEGER = re.compile(r"[+-]?\d+")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# A sign such as $ before or after the digits, up to three letters of a unit after them, or hexadecimal digits.
AMOUNT = re.compile(r"[^\w\s]?\s?[+-]?(0[xX][0-9a-fA-F]+|\d[\d.,_']*([eE][+-]?\d+)?)\s?([^\w\s]|[^\W\d_]{1,3})?")
WORD = re.compile(r"\w\w")
TIME = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s?[aApP]\.?[mM]\.?)?(\s?Z|\s?[+-]\d{2}:?\d{2})?"
YEAR_FIRST = r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}\.\d{1,2}\.\d{1,2}"
YEAR_LAST = r"\d{1,2}/\d{1,2}/(\d{4}|\d{2})|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}-\d{1,2}-\d{4}"
DATE_OR_TIME = re.compile(rf"({YEAR_FIRST}|{YEAR_LAST})([T\s]\s?{TIME})?|{TIME}")


def has_words(texts: Iterable[str]) -> bool:
    """Return whether a text holds a word: two letters, digits or underscores in a row, as `TfidfVectorizer` sees it.

    Examples
    --------
    >>> has_words(["a b", "?", "to"]), has_words(["a b", "?"])
    (True, False)
    """
    return any(WORD.search(text) for text in texts)


def look_like_numbers(texts: Iterable[str]) -> bool:
    """Return whether every text is a number in plain decimal form.

    Examples
    --------
    >>> look_like_numbers(["1", "-2.50", "1e3"]), look_like_numbers(["1", "a"])
    (True, False)
    """
    return all(NUMBER.fullmatch(text) for text in texts)


def look_like_amounts(texts: Iterable[str]) -> bool:
    """Return whether every text is a number with a sign, a unit or another base.

    Examples
    --------
    >>> look_like_amounts(["$1.5", "5%", "0x1f", "12 kg"]), look_like_amounts(["bird 1", "5%"])
    (True, False)
    """
    return all(AMOUNT.fullmatch(text) for text in texts)


def look_like_dates(texts: Iterable[str]) -> bool:
    """Return whether every text is written like a date, a time or both.

    Examples
    --------
    >>> look_like_dates(["2020-01-31", "31/12/2020", "12:30", "2020-02-01T10:00:00Z"])
    True
    >>> look_like_dates(["2020-01-31", "soon"])
    False
    """
    return all(DATE_OR_TIME.fullmatch(text) for text in texts)


def first_inexact(values: Collection[int | str]) -> int | None:
    """Return the first of integers, or of texts that are all integers, that float64 would round.

    Examples
    --------
    >>> first_inexact([2**53, 2**53 + 1]), first_inexact(["9007199254740993"]), first_inexact(["1", "a"])
    (9007199254740993, 9007199254740993, None)
    """
    if any(isinstance(value, str) and not INTEGER.fullmatch(value) for value in values):
        return None
    return next((number for number in map(int, values) if not _is_exact(number)), None)


def _is_exact(number: int) -> bool:
    digits = abs(number)
    return digits.bit_length() <= 53 or digits & -digits >= 1 << (digits.bit_length() - 53)
