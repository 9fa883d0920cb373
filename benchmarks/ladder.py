"""The search for the setting that reaches a gap soonest.

A library stops by a rule of its own, which says nothing about (f - f*) / f*. So its knob is turned: a fit per setting,
from coarse to fine, each judged. The time to a gap is that of the fastest fit that reached it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Decades", "Doubling", "Ladder", "Once", "Rung", "best_gap", "fastest"]


@dataclass(frozen=True)
class Rung:
    """One fit: the setting, its seconds, the gap it reached, and whether it ended before the setting made it."""

    setting: float
    seconds: float
    gap: float
    ended_early: bool = False


class Ladder(Protocol):
    """Which setting comes next; ``warm_up`` is the cheapest one, which is run first and not timed."""

    knob: str
    warm_up: float

    def propose(self, rungs: Sequence[Rung], targets: Sequence[float]) -> float | None:
        """Return the next setting, None at the top."""


def fastest(rungs: Sequence[Rung], target: float) -> Rung | None:
    """Return the fastest fit that reached the target, None where none did."""
    reached = [rung for rung in rungs if rung.gap <= target]
    return min(reached, key=lambda rung: rung.seconds) if reached else None


def best_gap(rungs: Sequence[Rung]) -> float:
    """Return the smallest gap that any fit reached."""
    return min((rung.gap for rung in rungs), default=math.inf)


@dataclass(frozen=True)
class Once:
    """A single setting, for whoever has no knob."""

    knob: str = "none"
    warm_up: float = 0.0

    def propose(self, rungs: Sequence[Rung], targets: Sequence[float]) -> float | None:  # noqa: ARG002
        """Return 0 once."""
        return None if rungs else 0.0


@dataclass(frozen=True)
class Decades:
    """Tolerances 10^-first, ..., 10^-last: for a library whose tolerance is the gap itself."""

    first: int = 1
    last: int = 9
    knob: str = "tol"
    warm_up: float = 0.1

    def propose(self, rungs: Sequence[Rung], targets: Sequence[float]) -> float | None:  # noqa: ARG002
        """Return the next decade."""
        decade = self.first + len(rungs)
        return 10.0**-decade if decade <= self.last else None


@dataclass(frozen=True)
class Doubling:
    """Iterations, doubled until the finest target is reached, then refined around each target.

    Between the last miss and the first hit the next count is where log(gap), taken as linear in the count, meets the
    target, kept within the middle half; until the two are within an eighth of each other, so that no library pays for
    the coarseness of the doubling. The climb ends early where a fit stops by itself, or two doublings gained nothing.
    """

    start: int = 4
    limit: int = 1 << 20
    knob: str = "max_iter"
    warm_up: float = 1.0

    def propose(self, rungs: Sequence[Rung], targets: Sequence[float]) -> float | None:
        """Return the next number of iterations."""
        if not rungs:
            return float(self.start)
        if not self._climbed(rungs, min(targets)):
            return 2 * max(rung.setting for rung in rungs)
        between = (self._between(rungs, target) for target in sorted(targets, reverse=True))
        return next((count for count in between if count is not None), None)

    def _climbed(self, rungs: Sequence[Rung], finest: float) -> bool:
        """Return whether doubling once more makes no sense."""
        ascent = [rung for rung in rungs if math.log2(rung.setting / self.start).is_integer()]
        top = ascent[-1]
        stuck = len(ascent) > 3 and math.inf > best_gap(ascent[-2:]) > 0.99 * best_gap(ascent[:-2])
        return best_gap(rungs) <= finest or top.ended_early or stuck or 2 * top.setting > self.limit

    def _between(self, rungs: Sequence[Rung], target: float) -> float | None:
        """Return a count between the last miss and the first hit, None where they are close or nothing hit."""
        hits = [rung for rung in rungs if rung.gap <= target]
        if not hits:
            return None
        hit = min(hits, key=lambda rung: rung.setting)
        miss = max((rung for rung in rungs if rung.setting < hit.setting), key=lambda rung: rung.setting, default=None)
        floor = miss.setting if miss else 0.0
        width = hit.setting - floor
        if width <= max(1.0, hit.setting / 8):
            return None
        share = min(max(_crossing(miss, hit, target), 0.25), 0.75)
        return min(max(float(round(floor + share * width)), floor + 1), hit.setting - 1)


def _crossing(miss: Rung | None, hit: Rung, target: float) -> float:
    """Return where between two fits log(gap), taken as linear, meets the target: 0 at the miss, 1 at the hit."""
    if miss is None or not 0 < hit.gap < miss.gap < math.inf:
        return 0.5
    return math.log(miss.gap / target) / math.log(miss.gap / hit.gap)
