"""The search for the setting that reaches a gap soonest.

A library stops by a rule of its own, which says nothing about (f - f*) / f*. So its knob is turned: a fit per setting,
from coarse to fine, each judged. The time to a gap is that of the fastest fit that reached it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Iterations", "Ladder", "Once", "Rung", "Tolerances", "best_gap", "fastest"]


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
class Tolerances:
    """For a library whose tolerance is the gap that it proves: each target, and a hundred times each target.

    A fit is nearer to the optimum than it can prove, so the looser tolerance may reach the target too, and sooner. A
    hit that overshot its target is refined as iterations are: until hit and miss are within a factor of two, or the
    gap within half of the target.
    """

    knob: str = "tol"
    warm_up: float = 0.1
    loosening: float = 100.0

    def propose(self, rungs: Sequence[Rung], targets: Sequence[float]) -> float | None:
        """Return the next tolerance, from coarse to fine."""
        settings = sorted({*targets, *(self.loosening * target for target in targets)}, reverse=True)
        if len(rungs) < len(settings):
            return settings[len(rungs)]
        between = (_looser(rungs, target) for target in sorted(targets, reverse=True))
        return next((tol for tol in between if tol is not None), None)


@dataclass(frozen=True)
class Iterations:
    """Iterations, raised from target to target, then refined around each.

    The next count is where log(gap), extended as a line through the last two fits, meets the next target, between 1.25
    and 4 times the last count (twice, where there is no line yet). A hit that overshot its target is refined downwards,
    so that no library pays for the coarseness of the ladder: until hit and miss are within an eighth of each other, or
    the gap within half of the target. The climb ends early where a fit stops by itself, or four times the iterations
    gain nothing.
    """

    start: int = 4
    limit: int = 1 << 20
    knob: str = "max_iter"
    warm_up: float = 1.0

    def propose(self, rungs: Sequence[Rung], targets: Sequence[float]) -> float | None:
        """Return the next number of iterations."""
        if not rungs:
            return float(self.start)
        descending = sorted(targets, reverse=True)
        missing = [target for target in descending if best_gap(rungs) > target]
        if missing and not self._exhausted(rungs):
            return _raised(rungs, missing[0])
        between = (_between(rungs, target) for target in descending)
        return next((count for count in between if count is not None), None)

    def _exhausted(self, rungs: Sequence[Rung]) -> bool:
        """Return whether more iterations make no sense."""
        top = max(rungs, key=lambda rung: rung.setting)
        early = [rung for rung in rungs if rung.setting <= top.setting / 4]
        stuck = bool(early) and math.inf > best_gap(early) <= best_gap(rungs) / 0.99
        return top.ended_early or stuck or 1.25 * top.setting > self.limit


def _looser(rungs: Sequence[Rung], target: float) -> float | None:
    """Return a tolerance between the loosest hit and the miss above it, None where the hit is near enough."""
    hit = max((rung for rung in rungs if rung.gap <= target), key=lambda rung: rung.setting, default=None)
    if hit is None or hit.gap >= target / 2:
        return None
    looser = [rung.setting for rung in rungs if rung.setting > hit.setting]
    return math.sqrt(min(looser) * hit.setting) if looser and min(looser) > 2 * hit.setting else None


def _raised(rungs: Sequence[Rung], target: float) -> float:
    """Return a count beyond every fit, where the line through the last two meets the target (a twentieth further)."""
    *_, last, top = [None, *sorted(rungs, key=lambda rung: rung.setting)]
    factor = 2.0
    if last is not None and 0 < top.gap < last.gap < math.inf:
        slope = math.log(last.gap / top.gap) / (top.setting - last.setting)
        factor = 1 + 1.05 * math.log(top.gap / target) / (slope * top.setting)
    return float(math.ceil(max(top.setting * min(max(factor, 1.25), 4.0), top.setting + 1)))


def _between(rungs: Sequence[Rung], target: float) -> float | None:
    """Return a count between the last miss and the first hit, None where the hit is near enough or there is none."""
    hits = [rung for rung in rungs if rung.gap <= target]
    if not hits:
        return None
    hit = min(hits, key=lambda rung: rung.setting)
    miss = max((rung for rung in rungs if rung.setting < hit.setting), key=lambda rung: rung.setting, default=None)
    floor = miss.setting if miss else 0.0
    width = hit.setting - floor
    if width <= max(1.0, hit.setting / 8) or hit.gap >= target / 2:
        return None
    share = min(max(_crossing(miss, hit, target), 0.25), 0.9)
    return min(max(float(round(floor + share * width)), floor + 1), hit.setting - 1)


def _crossing(miss: Rung | None, hit: Rung, target: float) -> float:
    """Return where between two fits log(gap), taken as linear, meets the target: 0 at the miss, 1 at the hit."""
    if miss is None or not 0 < hit.gap < miss.gap < math.inf:
        return 0.5
    return math.log(miss.gap / target) / math.log(miss.gap / hit.gap)
