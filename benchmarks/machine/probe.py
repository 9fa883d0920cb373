"""Measured bandwidth and peak: a small native program, compiled when it is first needed."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from benchmarks.store import FOLDER

__all__ = ["bound", "probe"]

SOURCE = Path(__file__).with_name("probe.cpp")
PROGRAM = FOLDER / "probe"

# Registers as wide as the machine's: too wide ones would be split and lose nothing but the compiler's patience.
WIDTHS = {"avx512f": 64, "avx2": 32}


@cache
def _program() -> Path:
    """Return the compiled program."""
    if not PROGRAM.exists() or PROGRAM.stat().st_mtime < SOURCE.stat().st_mtime:
        compiler = os.environ.get("CXX") or shutil.which("c++") or shutil.which("g++") or "c++"
        PROGRAM.parent.mkdir(parents=True, exist_ok=True)
        options = ["-std=c++17", "-O3", "-march=native", f"-DPROBE_VECTOR_BYTES={_vector_bytes()}", "-pthread"]
        subprocess.run([compiler, *options, str(SOURCE), "-o", str(PROGRAM)], check=True)
    return PROGRAM


def _vector_bytes() -> int:
    """Return the width of a vector register, as Linux names it; 16 where it does not say."""
    path = Path("/proc/cpuinfo")
    flags = path.read_text(encoding="utf-8").split() if path.exists() else []
    return next((width for flag, width in WIDTHS.items() if flag in flags), 16)


def probe(dtype: str, threads: int, size: int) -> dict[str, float]:
    """Return bytes per second at which ``size`` bytes are read, and floating-point operations per second."""
    command = [str(_program()), dtype, str(threads), str(size)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    bandwidth, peak = map(float, answer.stdout.split())
    return {"bandwidth": bandwidth, "peak": peak}


def bound(shape: tuple[int, int, int], dtype: str, limits: dict[str, float]) -> float:
    """Return ``max(bytes of X and y / bandwidth, 4 N D K / peak)`` in seconds."""
    N, D, K = shape
    itemsize = {"float32": 4, "float64": 8}[dtype]
    return max((N * D * itemsize + 8 * N) / limits["bandwidth"], 4.0 * N * D * K / limits["peak"])
