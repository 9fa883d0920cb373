"""Names: what is meant by a string, the nearest one where nothing is, and Keras's names that do not exist here."""

import warnings
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from multilogit.errors import InputError

__all__ = ["choose", "note_once", "refuse"]

T = TypeVar("T")

_noted: set[str] = set()


def choose(kind: str, name: str, known: Mapping[str, T]) -> T:
    """Return what a name stands for; upper and lower case are the same.

    Raises
    ------
    InputError
        With the nearest known name, or all of them.
    """
    folded = {each.casefold(): value for each, value in known.items()}
    if name.casefold() in folded:
        return folded[name.casefold()]
    near = get_close_matches(name.casefold(), folded, n=1)
    meant = {each.casefold(): each for each in known}
    hint = f"Did you mean {meant[near[0]]!r}?" if near else f"There are {', '.join(map(repr, known))}."
    raise InputError(f"There is no {kind} {name!r}. {hint}")


def refuse(who: str, given: Mapping[str, Any], expected: Iterable[str], reasons: Mapping[str, str]) -> None:
    """Raise for the first argument that does not exist: with the reason, where Keras has it, else the nearest name."""
    for name in given:
        if name in reasons:
            raise InputError(f"{who} has no {name}: {reasons[name]}")
        near = get_close_matches(name, list(expected), n=1)
        hint = f"Did you mean {near[0]}?" if near else f"It takes {', '.join(expected)}."
        raise TypeError(f"{who} got an unexpected argument {name!r}. {hint}")


def note_once(key: str, sentence: str) -> None:
    """Warn of an old name, once in a process."""
    if key not in _noted:
        _noted.add(key)
        warnings.warn(sentence, UserWarning, stacklevel=4)
