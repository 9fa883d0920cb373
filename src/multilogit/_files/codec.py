"""Frozen dataclasses to JSON and strictly back, led by their annotations.

Written: ``None``, booleans, integers, text, floats (the not finite ones as "inf", "-inf", "nan"), enum
members by name, tuples as arrays, dataclasses as objects whose ``"is"`` names the class. Read: exactly that.
A missing, unknown or doubled key, a value of another type or another length is an error that says where it
stands. The annotation ``object`` means a boolean, a number or text.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from reprlib import repr as brief  # of what a file holds, which may be long or deep
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from multilogit.errors import ModelFileError

__all__ = ["decode", "encode", "parse"]

NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
TAG = "is"


def encode(value: Any) -> Any:
    """Return what JSON can hold of a value.

    Raises
    ------
    TypeError
        If it is of a type that `decode` could not give back.
    """
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        content = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {TAG: type(value).__name__, **content}
    raise TypeError(f"a model file cannot hold a value of type {type(value).__name__}")


def parse(text: str | bytes) -> Any:
    """Return the content of a JSON text in which no key stands twice.

    Raises
    ------
    ModelFileError
        If it is no JSON, nests too deeply, repeats a key or holds NaN as a number.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"the header is not readable JSON ({error})") from None


def decode(hint: Any, value: Any, place: str) -> Any:
    """Return the value of the annotated type that `encode` wrote as `value`.

    Parameters
    ----------
    hint : type or annotation
    value : object
        From `parse`.
    place : str
        Where the value stands, for errors.

    Raises
    ------
    ModelFileError
        If the value is not one of that type.
    """
    if get_origin(hint) in {Union, UnionType}:
        return _decode_union(get_args(hint), value, place)
    if get_origin(hint) is tuple:
        return _decode_tuple(get_args(hint), value, place)
    if is_dataclass(hint):
        return _decode_dataclass(hint, value, place)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _decode_member(hint, value, place)
    return _decode_float(value, place) if hint is float else _decode_plain(hint, value, place)


def _decode_member(hint: type[Enum], value: Any, place: str) -> Enum:
    if not isinstance(value, str) or value not in hint.__members__:
        raise _unexpected(f"one of {', '.join(hint.__members__)}", value, place)
    return hint[value]


def _decode_plain(hint: Any, value: Any, place: str) -> Any:
    if type(value) not in ({bool, int, float, str} if hint is object else {hint}):
        raise _unexpected(getattr(hint, "__name__", str(hint)), value, place)
    return value


def _decode_float(value: Any, place: str) -> float:
    if isinstance(value, str) and value in NOT_FINITE:
        return NOT_FINITE[value]
    try:
        number = float(value) if type(value) in {float, int} else math.nan
    except OverflowError:
        number = math.nan
    if not math.isfinite(number):
        raise _unexpected("a number", value, place)
    return number


def _decode_union(hints: Sequence[Any], value: Any, place: str) -> Any:
    if value is None and NoneType in hints:
        return None
    for hint in hints:
        if hint is NoneType or (is_dataclass(hint) and not _is_tagged(value, hint)):
            continue
        try:
            return decode(hint, value, place)
        except ModelFileError:
            if is_dataclass(hint):
                raise
    raise _unexpected(" or ".join(getattr(hint, "__name__", str(hint)) for hint in hints), value, place)


def _is_tagged(value: Any, hint: Any) -> bool:
    return isinstance(value, dict) and value.get(TAG) == hint.__name__


def _decode_tuple(hints: Sequence[Any], value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _unexpected("a list", value, place)
    if len(hints) == 2 and hints[1] is Ellipsis:
        hints = [hints[0]] * len(value)
    if len(hints) != len(value):
        raise ModelFileError(f"{place} holds {len(value)} items, expected {len(hints)}")
    return tuple(decode(hint, item, f"{place}[{i}]") for i, (hint, item) in enumerate(zip(hints, value, strict=True)))


def _decode_dataclass(hint: Any, value: Any, place: str) -> Any:
    if not _is_tagged(value, hint):
        raise _unexpected(hint.__name__, value, place)
    hints = _hints(hint)
    if missing := hints.keys() - value.keys():
        raise ModelFileError(f"{place} lacks {sorted(missing)}")
    if unknown := value.keys() - hints.keys() - {TAG}:
        raise ModelFileError(f"{place} holds the unknown {brief(sorted(unknown))}")
    return hint(**{name: decode(each, value[name], f"{place}.{name}") for name, each in hints.items()})


@cache
def _hints(hint: Any) -> Mapping[str, Any]:
    """Return the annotations of the fields of a dataclass."""
    found = get_type_hints(hint)
    return {field.name: found[field.name] for field in fields(hint)}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ModelFileError("a key of the header stands twice")
    return content


def _refuse_constant(text: str) -> Any:
    raise ModelFileError(f"the header holds {text} as a number")


def _unexpected(expected: str, value: Any, place: str) -> ModelFileError:
    return ModelFileError(f"{place} is {brief(value)}, expected {expected}")
