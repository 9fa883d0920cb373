"""A clock: the seconds of a call, of one that is too quick for a single reading too."""

import gc
import time
from collections.abc import Callable
from typing import Any

__all__ = ["repeated", "settle", "timed"]

# What takes less is repeated within its process until this time is spent.
INNER_SECONDS, INNER_REPEATS = 0.2, 25


def settle() -> None:
    """Leave what is alive now out of later garbage collections, which would take longer than a small fit."""
    gc.collect()
    gc.freeze()


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of a call, and what it returned; garbage is collected before, and not meanwhile."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        result = call()
        return time.perf_counter() - start, result
    finally:
        gc.enable()


def repeated(call: Callable[[], Any], first: float) -> list[float]:
    """Return the seconds of more calls of something that took ``first``."""
    count = min(INNER_REPEATS, int(INNER_SECONDS / max(first, 1e-9)))
    return [timed(call)[0] for _ in range(count)]
