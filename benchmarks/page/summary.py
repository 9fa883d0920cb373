"""What the records say: the time of a rival to a target, the best gap where it never got there, ratios."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["FIT_TARGET", "AtLeast", "Best", "Summary", "Time"]

# The gap at which the reach of the fits is judged.
FIT_TARGET = 1e-6
OURS = "multilogit"
PEER = "sklearn-"

Record = dict[str, Any]


@dataclass(frozen=True)
class Time:
    """Median seconds of a setting, the range of the samples, their number."""

    seconds: float
    low: float
    high: float
    samples: int
    setting: float
    threads: int
    gap: float
    note: Record

    @staticmethod
    def of(records: Sequence[Record]) -> "Time":
        """Return the time of records that share a setting."""
        seconds = [each["seconds"] for each in records]
        first = records[0]
        worst = max(each["gap"] for each in records)
        middle = statistics.median(seconds)
        about = (first["setting"], first["threads"], worst, first["note"])
        return Time(middle, min(seconds), max(seconds), len(seconds), *about)


class AtLeast(float):
    """A lower bound of a ratio."""


@dataclass(frozen=True)
class Best:
    """The best gap of a rival that never reached a target, and the seconds of that fit."""

    gap: float
    seconds: float


@dataclass(frozen=True)
class Summary:
    """All records, with the questions that the page asks."""

    records: Sequence[Record]

    def of(self, kind: str, **fields: Any) -> list[Record]:
        """Return the records of a kind that agree with the fields."""
        return [
            each
            for each in self.records
            if each["kind"] == kind and all(each.get(name) == value for name, value in fields.items())
        ]

    def rivals(self, problem: str, dtype: str) -> list[str]:
        """Return who climbed a problem, ours first, in the order of the records."""
        names = dict.fromkeys(each["rival"] for each in self.of("rung", problem=problem, dtype=dtype))
        return sorted(names, key=lambda name: name != OURS)

    def times(self, problem: str, dtype: str, rival: str) -> list[Time]:
        """Return the time of every setting that was repeated."""
        groups: dict[tuple[float, int], list[Record]] = {}
        for each in self.of("repeat", problem=problem, dtype=dtype, rival=rival):
            groups.setdefault((each["setting"], each["threads"]), []).append(each)
        return [Time.of(group) for group in groups.values()]

    def time(self, problem: str, dtype: str, rival: str, target: float) -> Time | Best | None:
        """Return the fastest repeated fit that reached the target each time, else the best gap, None if never run."""
        reached = [each for each in self.times(problem, dtype, rival) if each.gap <= target]
        if reached:
            return min(reached, key=lambda each: each.seconds)
        rungs = self.of("rung", problem=problem, dtype=dtype, rival=rival)
        if not rungs:
            return None
        best = min(rungs, key=lambda each: each["gap"])
        return Best(best["gap"], best["seconds"])

    def proved(self, problem: str, dtype: str, target: float) -> Time | None:
        """Return our own fit whose tolerance was the target, which it had to prove."""
        fits = self.times(problem, dtype, OURS)
        return next((each for each in fits if abs(each.setting / target - 1) < 1e-6 and "proved" in each.note), None)

    def peer(self, problem: str, dtype: str, target: float) -> tuple[str, Time] | None:
        """Return scikit-learn's fastest solver that reached the target, and its time."""
        found = [
            (name, self.time(problem, dtype, name, target))
            for name in self.rivals(problem, dtype)
            if name.startswith(PEER)
        ]
        reached = [(name, time) for name, time in found if isinstance(time, Time)]
        return min(reached, key=lambda each: each[1].seconds) if reached else None

    def ratio(self, problem: str, dtype: str, target: float = FIT_TARGET) -> float | None:
        """Return their time over ours, 0 where ours never gets there, None if not run.

        Where none of theirs gets there the ratio is `AtLeast` that of the longest fit that was tried, of whoever was
        tried the least; inf where each stopped by itself, before it got there.
        """
        ours = self.time(problem, dtype, OURS, target)
        if ours is None or not any(name.startswith(PEER) for name in self.rivals(problem, dtype)):
            return None
        if isinstance(ours, Best):
            return 0.0
        theirs = self.peer(problem, dtype, target)
        return theirs[1].seconds / ours.seconds if theirs else AtLeast(self._tried(problem, dtype) / ours.seconds)

    def _tried(self, problem: str, dtype: str) -> float:
        """Return the least over scikit-learn's solvers of the longest fit on the way to the target, inf without any."""
        longest = []
        for name in self.rivals(problem, dtype):
            rungs = self.of("rung", problem=problem, dtype=dtype, rival=name)
            best = min(rungs, key=lambda each: each["gap"])
            if name.startswith(PEER) and not best["ended_early"]:
                longest.append(max(each["seconds"] for each in rungs if each["threads"] == best["threads"]))
        return min(longest, default=math.inf)

    def resolves(self, problem: str, dtype: str, target: float) -> bool:
        """Return whether the optimum is known well enough for that target."""
        return all(each["error"] <= target / 10 for each in self.of("optimum", problem=problem, dtype=dtype))

    def best_seconds(self, kind: str, **fields: Any) -> float | None:
        """Return the least over thread counts of the median over rounds, for functions and kernels."""
        groups: dict[int, list[float]] = {}
        for each in self.of(kind, **fields):
            groups.setdefault(each["threads"], []).append(each["seconds"])
        return min((statistics.median(seconds) for seconds in groups.values()), default=None)
