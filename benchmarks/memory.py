"""Peak memory of one fit beyond its data: how far the resident size rises above what it was before.

Linux keeps the peak of the resident size and lets a process reset it; elsewhere this family is left out.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import problems, rivals, store
from benchmarks.problem import Shape
from benchmarks.process import THREADS, RunError, run
from benchmarks.time_to_gap import stored

__all__ = ["CASES", "allowance", "measure", "measure_all"]

CASES = ("dense60k", "dense400k", "dense50k100", "dense20k1000")
RIVALS = ("multilogit", "sklearn-lbfgs")

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
TOL, ITERATIONS = 1e-6, 20


def allowance(shape: Shape, itemsize: int) -> float:
    """Return the bytes that are allowed: a tenth of X, 26 D K numbers and one D x D matrix, in float64."""
    return 0.1 * shape.stored * itemsize + 8.0 * (26 * shape.D * shape.K + shape.D**2)


def _resident(field: str) -> int:
    """Return VmRSS (now) or VmHWM (peak) in bytes."""
    line = next(line for line in STATUS.read_text(encoding="utf-8").splitlines() if line.startswith(field + ":"))
    return int(line.split()[1]) * 1024


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Return the bytes by which a fit raised the peak; a fit of a few rows before it has loaded every library."""
    problem, rival = problems.find(job["problem"], quick=job["quick"]), rivals.find(job["rival"])
    data = store.load_data(store.data_folder(problem.name, quick=job["quick"]), job["dtype"])
    rows = np.unique(np.concatenate([np.unique(data.y, return_index=True)[1], np.arange(100)]))
    setting = TOL if job["rival"] == rivals.OURS else float(ITERATIONS)
    small = replace(problem, name="warm-up")
    rival.prepare(small, data.rows(rows))(setting)
    fit = rival.prepare(problem, data)
    RESET.write_text("5", encoding="ascii")
    before = _resident("VmRSS")
    fit(setting)
    return {"bytes": _resident("VmHWM") - before, "setting": setting}


def measure_all(names: tuple[str, ...] | None, *, quick: bool) -> list[dict[str, Any]]:
    """Return a record per case, type and rival."""
    records: list[dict[str, Any]] = []
    if not RESET.exists():
        return records
    for name in CASES:
        about = stored(problems.find(name, quick=quick), quick=quick)
        for dtype, rival in ((dtype, rival) for dtype in ("float64", "float32") for rival in RIVALS):
            if names is not None and rival not in names:
                continue
            job = {"kind": "memory", "problem": name, "dtype": dtype, "rival": rival, "quick": quick}
            try:
                (found,) = run(job, threads=THREADS[-1], limit=600)
            except RunError as failure:
                records.append({**job, "kind": "failed", "reason": f"memory: {failure}"})
                continue
            allowed = allowance(Shape(*about["shape"]), np.dtype(dtype).itemsize)
            records.append({**job, **found, "allowed": allowed, "threads": THREADS[-1]})
    return records
