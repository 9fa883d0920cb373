"""Seconds of each library for each work, in a process of its own, and the loss to which it came."""

import statistics
from collections.abc import Callable
from typing import Any

from benchmarks.networks.base import Training
from benchmarks.networks.jax import jax_training
from benchmarks.networks.keras import keras_training
from benchmarks.networks.multilogit import multilogit_training
from benchmarks.networks.scikit_learn import scikit_learn_training
from benchmarks.networks.torch import torch_training
from benchmarks.networks.works import WORKS, Task, Work, find
from benchmarks.process import RunError, run, thread_counts
from benchmarks.timing import settle, timed

__all__ = ["RIVALS", "measure", "measure_all"]

RIVALS: dict[str, Callable[[Task], Training]] = {
    "multilogit": multilogit_training,
    "sklearn-mlp": scikit_learn_training,
    "keras": keras_training,
    "jax": jax_training,
    "torch": torch_training,
}

ROUNDS = 3
# Within a process: at least this often, quick ones until SECONDS are spent, once where a training takes more than SLOW.
REPEATS, MOST, SECONDS, SLOW = 3, 25, 0.5, 2.0
LIMIT = 600.0


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Return the median seconds of one library for one work, its loss over all training rows, and its steps."""
    task = find(job["work"], quick=job["quick"]).task(job["dtype"], job["rival"])
    training = RIVALS[job["rival"]](task)

    def once() -> tuple[float, Any]:
        model = training.build()
        return timed(lambda: training.train(model))

    once()
    settle()
    first, trained = once()
    count = 1 if first > SLOW else max(REPEATS, min(MOST, int(SECONDS / first)))
    seconds = [first, *(once()[0] for _ in range(count - 1))]
    outcome = training.outcome(trained)
    whole = task.work.epochs / task.epochs
    return {
        "seconds": statistics.median(seconds) * whole,
        "samples": count,
        "measured_epochs": task.epochs,
        "epochs": task.work.epochs,
        "loss": task.loss(outcome.predictions),
        "steps": outcome.steps,
        **training.note,
    }


def measure_all(names: tuple[str, ...] | None, *, quick: bool) -> list[dict[str, Any]]:
    """Return the records of every work and type."""
    return [record for work in WORKS for dtype in work.dtypes for record in _turns(work, dtype, names, quick=quick)]


def _turns(work: Work, dtype: str, names: tuple[str, ...] | None, *, quick: bool) -> list[dict[str, Any]]:
    """Return the records of one work and type, the libraries in turn; who has failed is not asked again."""
    common = {"problem": work.problem, "dtype": dtype}
    chosen = [name for name in RIVALS if names is None or name in names]
    records: list[dict[str, Any]] = [
        {"kind": "excluded", **common, "rival": name, "reason": work.excluded[name]}
        for name in chosen
        if name in work.excluded
    ]
    entrants = [name for name in chosen if name not in work.excluded]
    for number in range(1 if quick else ROUNDS):
        for rival in tuple(entrants):
            job = {"kind": "network", "work": work.name, "dtype": dtype, "rival": rival, "quick": quick}
            try:
                for threads in thread_counts(quick=quick):
                    (found,) = run(job, threads=threads, limit=LIMIT)
                    records.append({**job, **common, "threads": threads, "round": number, **found})
            except RunError as failure:
                records.append({"kind": "failed", **common, "rival": rival, "reason": str(failure)})
                entrants.remove(rival)
    return records
