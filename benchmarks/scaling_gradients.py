"""One value and gradient as rows, features and classes grow: the shapes of the scaling family, without the fit."""

from typing import Any

from benchmarks.kernels import turns
from benchmarks.problems.scaling import PROBLEMS

__all__ = ["measure_all"]

CONTESTANTS = ("multilogit", "sklearn-lbfgs")


def measure_all(names: tuple[str, ...] | None, *, quick: bool) -> list[dict[str, Any]]:
    """Return the records of every shape, in float64."""
    entrants = [name for name in CONTESTANTS if names is None or name in names]
    records = []
    for problem in (problem.quick() if quick else problem for problem in PROBLEMS):
        shape = [problem.recipe.N, problem.recipe.D, problem.recipe.K]
        records += turns(problem.name, shape, "float64", entrants, quick=quick)
    return records
