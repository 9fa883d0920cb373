"""A line that says that something is under way: only on a terminal, and only after half a second."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["working"]

_PATIENCE = 0.5


@contextmanager
def working(what: str, *, quiet: bool) -> Iterator[None]:
    """Say on the standard error what is under way, and take it back at the end."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    said = threading.Event()

    def say() -> None:
        said.set()
        sys.stderr.write(f"{what}...")
        sys.stderr.flush()

    timer = threading.Timer(_PATIENCE, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if said.is_set():
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
