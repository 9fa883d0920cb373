"""What is said while a fit or a prediction is under way: a bar on a terminal, a line where it is asked for."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

__all__ = ["Progress", "epoch_line", "finished_line", "show_progress", "shown", "stopwatch"]

_PATIENCE = 0.5  # seconds until the bar appears
_BAR = "━" * 20


class Progress(Protocol):
    """Something that is told how far it is."""

    def __call__(self, done: float, logs: Mapping[str, float]) -> None:
        """Be told that so many epochs are done."""


def shown(logs: Mapping[str, float]) -> str:
    """Return loss and metrics as Keras writes them."""
    return "".join(
        f" - {name}: {value:.4f}" if abs(value) > 1e-3 else f" - {name}: {value:.4e}"
        for name, value in sorted(logs.items())
    )


def finished_line(done: int, seconds: float, logs: Mapping[str, float], what: str = "step") -> str:
    """Return the line that stands for a finished bar."""
    return f"{done}/{done} {_BAR} {seconds:.0f}s {_each(seconds / max(done, 1))}/{what}{shown(logs)}"


def epoch_line(steps: int, seconds: float, logs: Mapping[str, float]) -> str:
    """Return the line of one epoch."""
    return f"{steps}/{steps} - {seconds:.0f}s - {_each(seconds / steps)}/step{shown(logs)}"


def _each(seconds: float) -> str:
    units = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
    unit = next((unit for unit, scale in units.items() if seconds * scale >= 1), "ns")
    return f"{seconds * units[unit]:.0f}{unit}"


@contextmanager
def show_progress(total: int, first: int, *, wanted: bool) -> Iterator[Progress | None]:
    """Show a bar over epochs on a terminal, once half a second has passed; yields what is told, None for no bar."""
    if not (wanted and sys.stdout.isatty()):
        yield None
        return
    try:
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
        from rich.progress import Progress as Bars  # noqa: PLC0415
    except ImportError:  # rich comes with the extra `cli`
        yield None
        return
    bars = Bars(
        TextColumn("Epoch {task.completed:.0f}/{task.total:.0f}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[logs]}"),
        transient=True,
        auto_refresh=False,
    )
    begun: list[Any] = []
    start = time.monotonic()

    def tell(done: float, logs: Mapping[str, float]) -> None:
        if not begun and time.monotonic() - start > _PATIENCE:
            bars.start()
            begun.append(bars.add_task("", total=total, completed=first, logs=""))
        if begun:
            bars.update(begun[0], completed=first + done, logs=shown(logs), refresh=True)

    try:
        yield tell
    finally:
        if begun:
            bars.stop()


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Yield a function that returns the seconds that the enclosed work has taken."""
    start, end = time.perf_counter(), 0.0
    yield lambda: end - start
    end = time.perf_counter()
