"""Every problem, one file per family."""

from benchmarks.problem import Problem
from benchmarks.problems import banking77, dense, ill_conditioned, scaling, sparse, sweep, toy

__all__ = ["EVERY", "find"]

EVERY: tuple[Problem, ...] = (
    *toy.PROBLEMS,
    *banking77.PROBLEMS,
    *dense.PROBLEMS,
    *ill_conditioned.PROBLEMS,
    *sparse.PROBLEMS,
    *sweep.PROBLEMS,
    *scaling.PROBLEMS,
)


def find(name: str, *, quick: bool = False) -> Problem:
    """Return the problem of that name."""
    problem = next(each for each in EVERY if each.name == name)
    return problem.quick() if quick else problem
