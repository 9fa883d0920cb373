"""One axis at a time: what more rows, features or classes cost."""

from benchmarks.problem import Problem
from benchmarks.problems.dense import PowerLaw

__all__ = ["AXES", "PROBLEMS", "name_of"]

BASE = {"N": 16_000, "D": 64, "K": 10}
AXES = {
    "N": (1_000, 4_000, 16_000, 64_000, 256_000),
    "D": (16, 64, 256, 1024),
    "K": (3, 10, 30, 100, 300),
}


def name_of(N: int, D: int, K: int) -> str:
    """Return the name of a size."""
    return f"scaling_{N}_{D}_{K}"


def _problem(N: int, D: int, K: int) -> Problem:
    return Problem(
        name_of(N, D, K),
        "scaling",
        PowerLaw(N, D, K, total=float(D)),
        budget=20.0,
        targets=(1e-6,),
        dtypes=("float64",),
        rivals=("multilogit", "sklearn-lbfgs"),
        rounds=1,
    )


_SIZES = sorted({tuple({**BASE, axis: size}.values()) for axis, sizes in AXES.items() for size in sizes})
PROBLEMS = tuple(_problem(*size) for size in _SIZES)
