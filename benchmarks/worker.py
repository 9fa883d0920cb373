"""What runs in the child process: one job, its records written to standard output as JSON lines.

python -m benchmarks.worker '{"kind": "climb", "problem": "iris", ...}'
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.timing import timed

__all__ = ["JOBS", "main"]

Job = dict[str, Any]


def emit(record: Job) -> None:
    """Write one record at once: a worker may be stopped after it."""
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


def make_data(job: Job) -> Iterator[Job]:
    """Generate or read a problem's data and store them."""
    from benchmarks import store
    from benchmarks.problem import UnavailableError
    from benchmarks.problems import find

    problem = find(job["problem"], quick=job["quick"])
    try:
        store.save_data(
            store.data_folder(problem.name, quick=job["quick"]), problem.recipe.make(), repr(problem.recipe)
        )
    except UnavailableError as error:
        yield {"unavailable": str(error)}
    else:
        yield {"made": problem.name}


def find_optimum(job: Job) -> Iterator[Job]:
    """Find f* of a problem as stored in job["dtype"]."""
    from benchmarks import optimum, store
    from benchmarks.problems import find

    problem = find(job["problem"], quick=job["quick"])
    data = store.load_data(store.data_folder(problem.name, quick=job["quick"]), job["dtype"]).astype("float64")
    seconds, found = timed(lambda: optimum.find(problem, data, certified=job["certified"]))
    yield {**found.record(), "seconds": seconds}


def fit_job(job: Job) -> Iterator[Job]:
    """Climb a ladder or repeat known settings, judge every fit, and write a record for each."""
    from benchmarks.fitting import climb, repeat

    yield from (climb if job["kind"] == "climb" else repeat)(job)


def memory_job(job: Job) -> Iterator[Job]:
    """Measure the peak memory of one fit beyond its data."""
    from benchmarks.memory import measure

    yield measure(job)


def function_job(job: Job) -> Iterator[Job]:
    """Time the functions of one library."""
    from benchmarks.functions import measure

    yield from measure(job)


def kernel_job(job: Job) -> Iterator[Job]:
    """Time one value and gradient."""
    from benchmarks.kernels import measure

    yield measure(job)


def network_job(job: Job) -> Iterator[Job]:
    """Time the training of a network."""
    from benchmarks.networks.measure import measure

    yield measure(job)


JOBS: dict[str, Callable[[Job], Iterator[Job]]] = {
    "data": make_data,
    "optimum": find_optimum,
    "climb": fit_job,
    "repeat": fit_job,
    "memory": memory_job,
    "function": function_job,
    "kernel": kernel_job,
    "network": network_job,
}


def main() -> None:
    """Pin the process to its cores, then run the job of the command line."""
    job = json.loads(sys.argv[1])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: job["threads"]])
    for record in JOBS[job["kind"]](job):
        emit(record)


if __name__ == "__main__":
    main()
