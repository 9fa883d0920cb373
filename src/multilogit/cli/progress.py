"""A line that says that something is under way: only on a terminal, and only after half a second."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["working"]

_PATIENCE = 0.5


@contextmanager
def working(what: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Say on the standard error what is under way, and take it back at the end; what it yields says what comes next."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    line, lock = _Line(what), threading.Lock()

    def tell(text: str) -> None:
        with lock:
            line.say(text)

    def begin() -> None:
        with lock:
            line.begin()

    timer = threading.Timer(_PATIENCE, begin)
    timer.daemon = True
    timer.start()
    try:
        yield tell
    finally:
        timer.cancel()
        timer.join()
        line.clear()


class _Line:
    """One line of a terminal, which shows nothing until it begins."""

    def __init__(self, text: str) -> None:
        self.text, self.shown = text, False

    def begin(self) -> None:
        self.shown = True
        self._write(f"{self.text}...")

    def say(self, text: str) -> None:
        self.text = text
        if self.shown:
            self._write(f"\r\033[K{text}...")

    def clear(self) -> None:
        if self.shown:
            self._write("\r\033[K")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
