"""A run in a process of its own: a fresh interpreter, its threads set before anything is imported, a time limit."""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.store import ROOT

__all__ = ["THREADS", "RunError", "environment", "run", "thread_counts"]

# The thread counts that are tried: one, and every core.
THREADS = tuple(sorted({1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1}))

WORKER = "benchmarks.worker"

# Every library reads one of these; JAX reads none and follows the process's cores, to which the worker pins itself.
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MULTILOGIT_NUM_THREADS")


def thread_counts(*, quick: bool) -> tuple[int, ...]:
    """Return the thread counts to try; one thread alone where nothing is to be measured but that it runs."""
    return THREADS[:1] if quick else THREADS


class RunError(Exception):
    """A run that gave nothing; the message is the last line of what it wrote."""


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a run with that many threads."""
    return {
        **os.environ,
        **dict.fromkeys(VARIABLES, str(threads)),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def run(job: dict[str, Any], *, threads: int, limit: float) -> list[dict[str, Any]]:
    """Run a job in a worker and return its records: those it had written, where it ran past ``limit`` seconds."""
    command = [sys.executable, "-m", WORKER, json.dumps({**job, "threads": threads})]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
    ):
        process = subprocess.Popen(command, cwd=ROOT, env=environment(threads), stdout=out, stderr=errors)
        try:
            status = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = None
        except BaseException:
            process.kill()
            process.wait()
            raise
        out.seek(0)
        errors.seek(0)
        records = [json.loads(line) for line in out if line.startswith("{") and line.endswith("}\n")]
        if not records and status != 0:
            last = (errors.read().strip().splitlines() or ["no message"])[-1]
            raise RunError(f"ran past {limit:.0f} s" if status is None else f"ended with status {status}: {last}")
        return records
