"""The tables of the page, in markdown."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks import functions, kernels
from benchmarks.machine.probe import bound
from benchmarks.page.reach import DTYPES, ROWS, shown, verdict
from benchmarks.page.summary import OURS, Best, Summary, Time
from benchmarks.problem import Problem

__all__ = ["fit_table", "function_table", "kernel_table", "machine_table", "memory_table", "reach_table"]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def seconds(value: float) -> str:
    """Return a time with three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}" if value / size < 1000 else f"{value / size:.0f} {unit}"
    return f"{value / 1e-6:.3g} us"


def machine_table(facts: dict[str, str]) -> str:
    """Return the machine and the versions."""
    return table(["what", "value"], [[name, value] for name, value in facts.items()])


def reach_table(summary: Summary) -> str:
    """Return the reach: what, at least, aim, measured in both types, verdict of each."""
    rows = []
    for goal in ROWS:
        cells, words = [], {}
        for dtype in DTYPES:
            if dtype not in goal.dtypes:
                cells.append("not asked")
                continue
            measured = goal.measured(summary, dtype)
            several = len(measured) > 1
            cells.append(
                "; ".join((f"{label}: " if several else "") + shown(number, goal.unit) for label, number in measured)
            )
            words[dtype] = verdict(goal, [number for _, number in measured])
        unit = " %" if goal.unit == "%" else "x"
        limits = [" / ".join(f"{limit:g}{unit}" for limit in side) for side in (goal.at_least, goal.aim)]
        alike = len(set(words.values())) == 1
        judged = words[goal.dtypes[0]] if alike else "; ".join(f"{dtype}: {word}" for dtype, word in words.items())
        rows.append([goal.what, *limits, *cells, judged])
    return table(["what", "at least", "aim", "measured float64", "measured float32", "verdict"], rows)


def fit_table(summary: Summary, problem: Problem, dtype: str) -> str:
    """Return who reaches which gap, and how soon; the ratio is to scikit-learn's fastest solver that gets there."""
    targets = problem.at(dtype).targets
    header = ["library and solver", *(f"to {target:.0e}" for target in targets), "setting to 1e-06", "threads"]
    rows = [
        _fit_row(summary, problem, dtype, rival, targets)
        for rival in summary.rivals(problem.name, dtype)
        if rival != "nothing"
    ]
    proofs = [summary.proved(problem.name, dtype, target) for target in targets]
    if any(proofs):
        cells = [_proof_cell(proof, target) for proof, target in zip(proofs, targets, strict=True)]
        rows.insert(1, ["multilogit, gap proved", *cells, "tol = the gap", str(next(filter(None, proofs)).threads)])
    return table(header, rows)


def _fit_row(summary: Summary, problem: Problem, dtype: str, rival: str, targets: Sequence[float]) -> list[str]:
    cells = [_time_cell(summary, problem.name, dtype, rival, target) for target in targets]
    at = summary.time(problem.name, dtype, rival, 1e-6)
    knob = "tol" if rival == OURS else "max_iter"
    setting = f"{knob}={at.setting:g}" if isinstance(at, Time) else ""
    name = f"**{rival}**" if rival == OURS else rival
    return [name, *cells, setting, str(at.threads) if isinstance(at, Time) else ""]


def _time_cell(summary: Summary, problem: str, dtype: str, rival: str, target: float) -> str:
    """Return median, range and ratio, or why there is none."""
    if not summary.resolves(problem, dtype, target):
        return "optimum not known well enough"
    time = summary.time(problem, dtype, rival, target)
    if time is None:
        return ""
    if isinstance(time, Best):
        return f"never (best {time.gap:.1e} after {seconds(time.seconds)})" if math.isfinite(time.gap) else "failed"
    spread = f" ({seconds(time.low)} to {seconds(time.high)})" if time.samples > 1 else " (once)"
    peer = summary.peer(problem, dtype, target)
    ratio = f", {peer[1].seconds / time.seconds:.2g}x" if peer else ""
    return f"{seconds(time.seconds)}{spread}{ratio}"


def _proof_cell(proof: Time | None, target: float) -> str:
    """Return the time of the fit that had to prove the target, the gap that it proved, and its status."""
    if proof is None:
        return ""
    claimed, status = proof.note["proved"], proof.note.get("status", "")
    kept = "" if claimed <= target else ", not proved"
    return f"{seconds(proof.seconds)}, proved {claimed:.0e}{kept}{', ' + status if status else ''}"


def function_table(summary: Summary) -> str:
    """Return the functions: best thread count, median; the copy of the logits beside them."""
    rows = []
    for name in functions.FUNCTIONS:
        for dtype in DTYPES:
            cases = dict.fromkeys((each["N"], each["K"]) for each in summary.of("function", function=name, dtype=dtype))
            for N, K in cases:
                case = {"function": name, "dtype": dtype, "N": N, "K": K}
                rows.append([f"{name} {N:,} x {K:,}", dtype, *_function_cells(summary, case)])
    return table(["function", "type", *functions.LIBRARIES], rows)


def _function_cells(summary: Summary, case: dict[str, Any]) -> list[str]:
    cells = []
    ours = summary.best_seconds("function", rival=OURS, **case)
    for library in functions.LIBRARIES:
        time = summary.best_seconds("function", rival=library, **case)
        if time is None:
            cells.append("")
            continue
        error = max(each["error"] for each in summary.of("function", rival=library, **case))
        beside = f", {time / ours:.2g}x ours" if ours and library != OURS else ""
        accuracy = "" if library == "copy" else f" (error {error:.2g} eps)"
        cells.append(seconds(time) + beside + accuracy)
    return cells


def kernel_table(summary: Summary) -> str:
    """Return one value and gradient per shape, type and thread count, beside the bound and the two products."""
    header = [
        "N x D x K",
        "type",
        "threads",
        "multilogit",
        "in float64",
        "bound of the machine",
        "share",
        "two products",
        "share",
        "scikit-learn",
    ]
    rows = []
    for limits in summary.of("limits"):
        case = {"problem": "kernels", "dtype": limits["dtype"], "shape": limits["shape"], "threads": limits["threads"]}
        times = {rival: summary.best_seconds("kernel", rival=rival, **case) for rival in kernels.CONTESTANTS}
        ours, products, peer = times["multilogit"], times["products"], times["sklearn-lbfgs"]
        best = bound(tuple(limits["shape"]), limits["dtype"], limits)
        exact = times[kernels.EXACT]
        cells = [seconds(ours) if ours else "", seconds(exact) if exact else "", seconds(best), _share(best, ours)]
        cells += [seconds(products) if products else "", _share(products, ours), seconds(peer) if peer else ""]
        rows.append([" x ".join(f"{n:,}" for n in limits["shape"]), limits["dtype"], str(limits["threads"]), *cells])
    return table(header, rows)


def _share(best: float | None, ours: float | None) -> str:
    return f"{100 * best / ours:.0f} %" if best and ours else ""


def memory_table(summary: Summary) -> str:
    """Return the peak beyond the data, and what is allowed."""
    rows = []
    for each in summary.of("memory"):
        used, allowed = each["bytes"] / 2**20, each["allowed"] / 2**20
        rows.append(
            [
                each["problem"],
                each["dtype"],
                each["rival"],
                f"{used:.0f} MiB",
                f"{allowed:.0f} MiB",
                f"{used / allowed:.2f}",
            ]
        )
    return table(["problem", "type", "library", "beyond the data", "allowed", "used / allowed"], rows)
