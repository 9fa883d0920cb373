"""Time to a relative suboptimality: who reaches 1e-3, 1e-6, 1e-9 on a problem, with which setting, and how soon.

Everybody takes part in the first type; in the second those who were soonest in the first. Each rival climbs its ladder
with one thread and with all cores for a few seconds; the faster count climbs on. The settings that won are then
repeated, each time in a fresh process, the rivals in turn, so that a slow minute of the machine hits them alike.
"""

import math
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import rivals, store
from benchmarks.ladder import Rung, fastest
from benchmarks.problem import Problem, Shape
from benchmarks.process import THREADS, RunError, run, thread_counts
from benchmarks.rivals.base import Rival

__all__ = ["measure", "soonest", "stored"]

# Seconds for which each thread count climbs before the better one goes on alone, and when it is stopped.
TRIAL_SECONDS, TRIAL_LIMIT = 4.0, 60.0
# A worker may take this much longer than its budget (loading, compiling, warming up, one long fit).
SLACK = 120.0
# No repeats beyond this part of the budget.
REPEAT_SHARE = 0.5
# Nobody climbs for longer than so many times our own way to the finest target, or so many seconds where that is less.
PATIENCE, LEAST = 60.0, 20.0
# Peers that take part in the second type, and the target at which they are ranked.
PEERS, RANKED = 3, 1e-6

Record = dict[str, Any]


def say(text: str) -> None:
    """Write a line of progress."""
    sys.stderr.write(text + "\n")


@dataclass(frozen=True)
class Course:
    """A problem in one type, stored, with its optimum."""

    problem: Problem
    dtype: str
    quick: bool
    shape: Shape
    optimum: Record

    def job(self, kind: str, rival: str, **more: Any) -> Record:
        """Return a job for the worker."""
        common = {"problem": self.problem.name, "dtype": self.dtype, "quick": self.quick}
        return {"kind": kind, "rival": rival, **common, "optima": self.optimum["values"], **more}

    def record(self, kind: str, rival: str, **more: Any) -> Record:
        """Return a result."""
        return {"kind": kind, "problem": self.problem.name, "dtype": self.dtype, "rival": rival, **more}


def measure(problem: Problem, dtypes: Iterable[str], names: Iterable[str] | None, *, quick: bool) -> list[Record]:
    """Return every record of a problem: its optimum, the rungs, the repeats, and who was left out and why."""
    about = stored(problem, quick=quick)
    if "unavailable" in about:
        say(f"{problem.name}: {about['unavailable']}")
        return [{"kind": "unavailable", "problem": problem.name, "reason": about["unavailable"]}]
    records: list[Record] = []
    entrants = [rival for rival in rivals.EVERY if _asked(problem, rival.name, names)]
    for dtype in dtypes:
        course = _course(problem.at(dtype), dtype, about, quick=quick)
        found = list(_run_course(course, entrants))
        records += found
        if names is None:
            entrants = [rival for rival in entrants if rival.name in {rivals.OURS, *soonest(found)}]
    return records


def soonest(records: Iterable[Record]) -> list[str]:
    """Return the peers to ask again: those with the least time to the target, then those who came nearest."""
    standing: dict[str, tuple[float, float]] = {}
    for each in records:
        if each["kind"] == "rung" and each["rival"] not in {rivals.OURS, "nothing"}:
            time = each["seconds"] if each["gap"] <= RANKED else math.inf
            standing[each["rival"]] = min(standing.get(each["rival"], (math.inf, math.inf)), (time, each["gap"]))
    return sorted(standing, key=lambda name: standing[name])[:PEERS]


def stored(problem: Problem, *, quick: bool) -> Record:
    """Return what is known of a problem's stored data; made first where absent or of another recipe."""
    path = store.data_folder(problem.name, quick=quick) / "about.json"
    if not path.exists() or store.read_json(path)["recipe"] != repr(problem.recipe):
        say(f"{problem.name}: making the data")
        (made,) = run({"kind": "data", "problem": problem.name, "quick": quick}, threads=THREADS[-1], limit=1800)
        if "unavailable" in made:
            return made
    return store.read_json(path)


def _asked(problem: Problem, name: str, names: Iterable[str] | None) -> bool:
    return (problem.rivals is None or name in problem.rivals) and (names is None or name in set(names))


def _course(problem: Problem, dtype: str, about: Record, *, quick: bool) -> Course:
    """Return the problem with its optimum, which is found once for the same numbers."""
    exact = dtype == "float64" or about["exact"]
    key = f"{about['fingerprint']}-{_objectives(problem)}-{'exact' if exact else dtype}"
    job = {"kind": "optimum", "problem": problem.name, "dtype": dtype, "quick": quick, "certified": exact}

    def make() -> Record:
        say(f"{problem.name} {dtype}: finding the optimum")
        return run(job, threads=THREADS[-1], limit=1200)[0]

    optimum = store.remembered(store.FOLDER / "optima" / f"{problem.name}-{key}.json", make)
    return Course(problem, dtype, quick, Shape(*about["shape"]), optimum)


def _objectives(problem: Problem) -> str:
    """Return a word that differs where C, the values of a sweep or its folds do."""
    return f"{zlib.crc32(repr((problem.C, problem.Cs, problem.n_folds)).encode()):08x}"


def _run_course(course: Course, entrants: list[Rival]) -> list[Record]:
    """Return the records of every entrant, climbs first, repeats in turn after."""
    error, size = course.optimum["error"], str(course.shape)
    records = [
        course.record(
            "optimum", "none", values=course.optimum["values"], error=error, source=course.optimum["source"], size=size
        )
    ]
    chosen: dict[str, tuple[int, list[Rung]]] = {}
    budget = course.problem.budget
    for rival in entrants:
        reason = rival.cannot(course.problem, course.shape, course.dtype)
        if reason is not None:
            records.append(course.record("excluded", rival.name, reason=reason))
            continue
        threads, rungs, failures = _climb(course, rival, budget)
        records += [course.record("rung", rival.name, **rung) for rung in rungs]
        records += [course.record("failed", rival.name, reason=reason) for reason in failures]
        chosen[rival.name] = threads, _winners(course, rungs, threads)
        if rival.name == rivals.OURS:
            budget = min(budget, _patience(chosen[rival.name][1], course.problem.targets))
        _report(course, rival.name, threads, chosen[rival.name][1])
    return [*records, *_repeats(course, chosen)]


def _patience(rungs: Iterable[Rung], targets: Iterable[float]) -> float:
    """Return the seconds for which peers climb, given our fits."""
    reached = [rung for target in targets if (rung := fastest(list(rungs), target)) is not None]
    return max(LEAST, PATIENCE * max((rung.seconds for rung in reached), default=math.inf))


def _climb(course: Course, rival: Rival, budget: float) -> tuple[int, list[Record], list[str]]:
    """Return the better thread count, every rung with its threads, and what went wrong."""
    found: dict[int, list[Record]] = {}
    failures = []
    for threads in thread_counts(quick=course.quick):
        found[threads], failure = _attempt(course, rival, threads, [], min(TRIAL_SECONDS, budget / 2), TRIAL_LIMIT)
        failures += failure
    best = better(found)
    tried = [_rung(record) for record in found[best]]
    if rival.ladder(course.problem).propose(tried, course.problem.targets) is not None:
        more, failure = _attempt(course, rival, best, tried, budget, budget + SLACK)
        found[best] += more
        failures += failure
    rungs = [{**record, "threads": threads} for threads, records in found.items() for record in records]
    return best, rungs, failures


def _attempt(
    course: Course, rival: Rival, threads: int, rungs: list[Rung], budget: float, limit: float
) -> tuple[list[Record], list[str]]:
    """Return the rungs that one worker climbed within its budget, and the reason where it failed."""
    job = course.job("climb", rival.name, rungs=[asdict(rung) for rung in rungs], budget=budget)
    try:
        return run(job, threads=threads, limit=limit), []
    except RunError as failure:
        return [], [f"with {threads} thread{'s' * (threads > 1)}: {failure}"]


def better(found: dict[int, list[Record]]) -> int:
    """Return the thread count that was faster over the settings that all of them tried.

    One that tried none loses; where all tried none, every core it is.
    """
    tried = {
        threads: {each["setting"]: each["seconds"] for each in records} for threads, records in found.items() if records
    }
    if not tried:
        return max(found)
    common = set.intersection(*(set(times) for times in tried.values()))
    return min(tried, key=lambda threads: sum(tried[threads][setting] for setting in common))


def _rung(record: Record) -> Rung:
    return Rung(record["setting"], record["seconds"], record["gap"], record["ended_early"])


def _winners(course: Course, records: list[Record], threads: int) -> list[Rung]:
    """Return the fits to repeat: the fastest per target, and our own whose tolerance is the target."""
    targets = course.problem.targets
    mine = [(_rung(record), "proved" in record["note"]) for record in records if record["threads"] == threads]
    winners = {fastest([rung for rung, _ in mine], target) for target in targets}
    proved = {rung for rung, certified in mine if certified and _is_target(rung, targets)}
    return sorted((winners | proved) - {None}, key=lambda rung: rung.seconds)


def _is_target(rung: Rung, targets: Iterable[float]) -> bool:
    return any(abs(rung.setting / target - 1) < 1e-6 for target in targets)


def _repeats(course: Course, chosen: dict[str, tuple[int, list[Rung]]]) -> Iterator[Record]:
    """Yield the repeats of the winners, the rivals in turn; one that is slow takes part in fewer rounds."""
    for number in range(course.problem.rounds):
        for name, (threads, winners) in chosen.items():
            cost = sum(rung.seconds for rung in winners)
            if not winners or (number > 0 and (number + 1) * cost > REPEAT_SHARE * course.problem.budget):
                continue
            job = course.job("repeat", name, settings=[rung.setting for rung in winners])
            try:
                done = run(job, threads=threads, limit=3 * cost + SLACK)
            except RunError as failure:
                yield course.record("failed", name, reason=str(failure))
                continue
            yield from (course.record("repeat", name, threads=threads, round=number, **each) for each in done)


def _report(course: Course, name: str, threads: int, winners: list[Rung]) -> None:
    """Say what a rival reached."""
    cells = []
    for target in course.problem.targets:
        rung = fastest(winners, target)
        cells.append(f"{target:.0e}: {rung.seconds:.3g} s" if rung else f"{target:.0e}: never")
    say(f"{course.problem.name} {course.dtype} {name}, threads: {threads}  " + "  ".join(cells))
