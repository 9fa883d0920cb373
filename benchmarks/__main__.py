"""The command: what to measure, by whom, and the page at the end.

python -m benchmarks                              everything, then docs/benchmarks
python -m benchmarks dense60k --rivals sklearn-lbfgs multilogit
                                                  a part, then a page in build/bench/full
python -m benchmarks --page                       docs/benchmarks from what was measured before
python -m benchmarks --quick                      small versions, a page in build/bench/quick
python -m benchmarks --list
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import functions, kernels, memory, rivals, scaling_gradients, time_to_gap
from benchmarks.machine.facts import facts, stamp
from benchmarks.networks import measure as networks
from benchmarks.page.write import write_page
from benchmarks.problems import EVERY
from benchmarks.process import RunError
from benchmarks.store import FOLDER, ROOT, Results

__all__ = ["main"]

# Families that are not fits of problems.
OTHERS: dict[str, Callable[..., list[dict]]] = {
    "functions": functions.measure_all,
    "kernels": kernels.measure_all,
    "scaling_gradients": scaling_gradients.measure_all,
    "memory": memory.measure_all,
    "networks": networks.measure_all,
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    found = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure multilogit and its rivals.")
    found.add_argument("what", nargs="*", help="families or problems; everything if none is named")
    found.add_argument("--rivals", nargs="+", default=None, help="these alone")
    found.add_argument("--dtypes", nargs="+", default=None, choices=["float64", "float32"], help="these alone")
    found.add_argument("--budget", type=float, default=1.0, help="a factor of every rival's time per problem")
    found.add_argument("--quick", action="store_true", help="small versions of the problems, one repeat")
    found.add_argument("--list", action="store_true", help="name the problems and the rivals, and stop")
    found.add_argument("--page", action="store_true", help="write the page from earlier measurements, and stop")
    return found


def chosen(words: list[str]) -> list[str]:
    """Return the names of problems and other families that the words mean, in the order of the registry."""
    names = [*(problem.name for problem in EVERY), *OTHERS]
    if not words:
        return names
    known = {*names, *(problem.family for problem in EVERY)}
    unknown = [word for word in words if word not in known]
    if unknown:
        raise SystemExit(f"No problem or family is called {unknown[0]!r}. There are: {', '.join(sorted(known))}.")
    wanted = {problem.name for problem in EVERY if problem.name in words or problem.family in words}
    return [name for name in names if name in wanted or name in words]


def measure(name: str, arguments: argparse.Namespace) -> list[dict]:
    """Return the records of one problem or family; one that fails does not end the others."""
    try:
        return _measure(name, arguments)
    except RunError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return [{"kind": "failed", "problem": name, "reason": str(error)}]


def _measure(name: str, arguments: argparse.Namespace) -> list[dict]:
    names = None if arguments.rivals is None else tuple(arguments.rivals)
    if name in OTHERS:
        return OTHERS[name](names, quick=arguments.quick)
    problem = next(problem for problem in EVERY if problem.name == name)
    problem = problem.quick() if arguments.quick else problem
    problem = replace(problem, budget=problem.budget * arguments.budget)
    dtypes = [dtype for dtype in problem.dtypes if arguments.dtypes is None or dtype in arguments.dtypes]
    return time_to_gap.measure(problem, dtypes, names, quick=arguments.quick)


def page_folder(arguments: argparse.Namespace) -> Path:
    """Return where the page goes: only a whole run, or who asks for it, changes the one that is published."""
    if arguments.quick:
        return FOLDER / "quick" / "page"
    partial = arguments.what or arguments.rivals or arguments.dtypes or arguments.budget != 1.0
    return FOLDER / "full" / "page" if partial and not arguments.page else ROOT / "docs" / "benchmarks"


def main() -> None:
    """Measure what is asked for and write the page."""
    arguments = parser().parse_args()
    if arguments.list:
        lines = [f"{problem.family}: {problem.name}" for problem in EVERY] + list(OTHERS)
        names = dict.fromkeys([*(rival.name for rival in rivals.EVERY), *networks.RIVALS])
        sys.stdout.write("\n".join([*lines, "rivals: " + ", ".join(names)]) + "\n")
        return
    results = Results(FOLDER / ("quick" if arguments.quick else "full") / "results")
    if not arguments.page:
        for name in chosen(arguments.what):
            start = time.perf_counter()
            mark = stamp()
            records = measure(name, arguments)
            spent = {"kind": "spent", "problem": name, "seconds": time.perf_counter() - start}
            whole = arguments.rivals is None and arguments.dtypes is None
            results.write(name, ({**record, **mark} for record in [*records, spent]), whole=whole)
            sys.stderr.write(f"{name}: {spent['seconds']:.0f} s\n")
        results.write("machine", [{"kind": "machine", "facts": facts(), **stamp()}])
    write_page(results.read(), page_folder(arguments))


if __name__ == "__main__":
    main()
