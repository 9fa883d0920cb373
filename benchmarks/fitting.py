"""Fits in the child process: a climb from coarse to fine, or repeats of settings that a climb has found."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import judge, rivals, store
from benchmarks.ladder import Ladder, Rung
from benchmarks.problem import Data, Piece, Problem
from benchmarks.problems import find
from benchmarks.rivals.base import Fit, Outcome
from benchmarks.timing import repeated, settle, timed

__all__ = ["climb", "repeat"]


@dataclass(frozen=True)
class Bench:
    """A fit, ready and warm, with all that is needed to judge it."""

    problem: Problem
    data: Data
    pieces: list[Piece]
    optima: list[float]
    ladder: Ladder
    fit: Fit

    def gap(self, outcome: Outcome) -> tuple[float, int]:
        """Return the worst relative gap, and the number of pieces judged."""
        return judge.worst_gap(self.data, self.pieces, self.optima, outcome.coefficients)


def _ready(job: dict[str, Any]) -> Bench:
    """Load the data, make the fit and run it once as cheaply as it can: imports, compilers and caches are warm then."""
    problem, rival = find(job["problem"], quick=job["quick"]).at(job["dtype"]), rivals.find(job["rival"])
    data = store.load_data(store.data_folder(problem.name, quick=job["quick"]), job["dtype"])
    ladder = rival.ladder(problem)
    fit = rival.prepare(problem, data)
    fit(ladder.warm_up)
    settle()
    return Bench(problem, data, problem.pieces(data), job["optima"], ladder, fit)


def climb(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a record per rung, continuing after job["rungs"], until the top or the budget is reached."""
    bench = _ready(job)
    rungs = [Rung(**rung) for rung in job["rungs"]]
    start = time.perf_counter()
    while (setting := bench.ladder.propose(rungs, bench.problem.targets)) is not None:
        if rungs and time.perf_counter() - start + expected(rungs[-1], setting) > job["budget"]:
            break
        yield from _rung(bench, setting, rungs)


def _rung(bench: Bench, setting: float, rungs: list[Rung]) -> Iterator[dict[str, Any]]:
    """Fit once (more often where it is quick), judge, append the rung and yield its record."""
    seconds, outcome = timed(lambda: bench.fit(setting))
    seconds = statistics.median([seconds, *repeated(lambda: bench.fit(setting), seconds)])
    gap, judged = bench.gap(outcome)
    rungs.append(Rung(setting, seconds, gap, outcome.ended_early))
    yield {
        "setting": setting,
        "seconds": seconds,
        "gap": gap,
        "ended_early": outcome.ended_early,
        "judged": judged,
        "note": outcome.note,
    }


def expected(last: Rung, setting: float) -> float:
    """Return the seconds that a setting will take: in proportion for iterations, as the last one for tolerances."""
    return last.seconds * max(setting / last.setting, 1.0) if last.setting > 0 else last.seconds


def repeat(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the median seconds of each setting, and the gap that it reached again."""
    bench = _ready(job)
    for setting in job["settings"]:
        yield from _rung(bench, setting, [])
