"""The page itself: docs/benchmarks/README.md and its pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.page import networks, plots, tables
from benchmarks.page.summary import Summary
from benchmarks.problems import EVERY

__all__ = ["write_page"]

INTRODUCTION = """# Benchmarks

Written by `make bench`; do not edit. How things are measured and why: [decisions](../decisions/benchmarks.md).

A fit is timed from arrays to coefficients, in a process of its own. What counts is when the coefficients that it
*returns* are within a relative gap (f - f*) / f* of the optimum of `C * sum of losses + 1/2 |W|^2`, valued by one judge
in float64, not when a library's own rule says stop. Each library's knob (`max_iter`, for multilogit `tol`) was searched
for the setting that gets there soonest, with one thread and with all cores. Medians of repeats in fresh processes,
range in brackets; "(once)" was not repeated, because it or the search for its setting is slow. "3x" is scikit-learn's
fastest solver that gets there divided by this one. "never" means: the solver stopped by itself before, whatever its
setting, or got no nearer within the time for its search: the budget of the problem, at most sixty times our own way to
the finest target, but at least 20 s; "> 3x" then compares the longest fit that was tried. What is "proved" is the
bound as computed from rounded sums; far below 1e-15 of the objective it only says that nothing is left to gain.
Everybody fits float64, float32 those three that came soonest to 1e-6 in float64.
"""

TITLES = {
    "toy": "Textbook sets, raw columns",
    "banking77": "Text in 77 classes",
    "dense": "Dense, power-law spectrum",
    "ill_conditioned": "Ill-conditioned columns",
    "sparse": "Sparse",
    "sweep": "The choice of C: 20 values, 5 folds",
}

# The judge's own rounding, generously.
ROUNDING = 1e-11

FUNCTIONS = """Median over calls, best thread count. The error is the largest of an entry, relative, in units of the
type's rounding.
"""
KERNELS = """One value and gradient over all rows. The bound of the machine is max(bytes of X and y / bandwidth,
4 N D K / peak), both measured there and then by `benchmarks/machine/probe.cpp` with as many threads; the two products
are `X W` and `X'R` alone, by NumPy's BLAS. Rows stored in float32 are multiplied in float32 while the optimum is far,
as everybody else does throughout, and "in float64" when it is near.
"""
MEMORY = "How far one fit raises the peak of the resident memory above what the process held with the data loaded.\n"
SWEEP = """The worst gap over all pieces that a library returns counts: scikit-learn returns the coefficients of every
fold and C, multilogit those on all rows of every C.
"""


def write_page(records: Sequence[dict[str, Any]], folder: Path) -> None:
    """Write README.md and the pictures into the folder."""
    summary = Summary(records)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = plots.draw(summary, folder)
    sections = [INTRODUCTION, _machine(summary), "## Reach\n\n" + tables.reach_table(summary), _pictures(pictures)]
    sections += [_family(summary, family, title) for family, title in TITLES.items()]
    sections += [
        _section("Functions", FUNCTIONS, summary.of("function"), tables.function_table(summary)),
        _section("One value and gradient", KERNELS, summary.of("limits"), tables.kernel_table(summary)),
        _section("Networks", networks.WORDS, summary.of("network"), networks.network_tables(summary)),
        _section("Peak memory", MEMORY, summary.of("memory"), tables.memory_table(summary)),
        _below(summary),
        _left_out(summary),
        _spent(summary),
    ]
    text = "\n".join(section for section in sections if section)
    (folder / "README.md").write_text(text, encoding="utf-8")


def _section(title: str, words: str, found: Sequence[dict[str, Any]], body: str) -> str:
    return f"## {title}\n\n{words}\n{body}" if found else ""


def _machine(summary: Summary) -> str:
    machines = summary.of("machine")
    marks = sorted(
        {
            f"{each['commit']} on {each['date']}"
            for each in summary.records
            if each["kind"] in {"rung", "function", "kernel", "network"}
        }
    )
    facts = {"commit": "; ".join(marks), **(machines[-1]["facts"] if machines else {})}
    return "## Machine\n\n" + tables.machine_table(facts)


def _pictures(names: Sequence[tuple[str, str]]) -> str:
    return "".join(f"![{words}]({name})\n\n" for name, words in names)


def _family(summary: Summary, family: str, title: str) -> str:
    """Return the tables of a family's problems, both types."""
    parts = []
    for problem in (each for each in EVERY if each.family == family):
        for dtype in problem.dtypes:
            optima = summary.of("optimum", problem=problem.name, dtype=dtype)
            if optima and summary.rivals(problem.name, dtype):
                C = (
                    f"{len(problem.Cs)} values of C from {problem.Cs[0]:g} to {problem.Cs[-1]:g}"
                    if problem.is_sweep
                    else f"C = {problem.C:g}"
                )
                about = f"{optima[0]['size']}; {problem.recipe.about}; {C}. Optimum: {optima[0]['source']}."
                parts.append(f"### {problem.name}, {dtype}\n\n{about}\n\n{tables.fit_table(summary, problem, dtype)}")
    words = SWEEP + "\n" if family == "sweep" else ""
    return f"## {title}\n\n{words}" + "\n".join(parts) if parts else ""


def _below(summary: Summary) -> str:
    """Return the fits whose value lies below the optimum by more than rounding: there should be none."""
    found = [each for each in summary.of("rung") if each["gap"] < -ROUNDING]
    rows = [[each["problem"], each["dtype"], each["rival"], f"{each['gap']:.1e}"] for each in found]
    title = "## Below the optimum\n\nThese should not exist: the optimum of their problem is wrong.\n\n"
    return title + tables.table(["problem", "type", "library", "gap"], rows) if rows else ""


def _left_out(summary: Summary) -> str:
    """Return what was not run, and why; the same reason once."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for each in [*summary.of("excluded"), *summary.of("failed"), *summary.of("unavailable")]:
        where = f"{each['problem']} {each.get('dtype', '')}".strip()
        reasons.setdefault((each.get("rival", "all"), each["reason"]), []).append(where)
    rows = [[rival, reason, _listed(where)] for (rival, reason), where in reasons.items()]
    return "## Left out\n\n" + tables.table(["library", "why", "where"], rows) if rows else ""


def _listed(words: Sequence[str], most: int = 6) -> str:
    """Return the words, of many the first and the number of the others."""
    more = len(words) - most
    return ", ".join(words) if more <= 0 else ", ".join(words[:most]) + f" and {more} more"


def _spent(summary: Summary) -> str:
    spent = [(each["problem"], each["seconds"]) for each in summary.of("spent")]
    if not spent:
        return ""
    listed = ", ".join(f"{name} {seconds:.0f}" for name, seconds in spent if not name.startswith("scaling_"))
    rest = sum(seconds for name, seconds in spent if name.startswith("scaling_"))
    total = sum(seconds for _, seconds in spent)
    return f"Measuring took {total / 60:.0f} minutes (seconds: {listed}, scaling {rest:.0f}).\n"
