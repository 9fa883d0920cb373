"""Who is measured: one adapter per rival. Each library is imported in its own process alone."""

from benchmarks.rivals.base import Rival
from benchmarks.rivals.jax import Jax
from benchmarks.rivals.multilogit import Multilogit
from benchmarks.rivals.nothing import Nothing
from benchmarks.rivals.scikit_learn import SOLVERS, ScikitLearn
from benchmarks.rivals.statsmodels import Statsmodels
from benchmarks.rivals.torch import Torch

__all__ = ["EVERY", "OURS", "find"]

OURS = Multilogit.name
EVERY: tuple[Rival, ...] = (
    Multilogit(),
    *(ScikitLearn(solver) for solver in SOLVERS),
    Torch(),
    Jax(),
    Statsmodels(),
    Nothing(),
)


def find(name: str) -> Rival:
    """Return the rival of that name."""
    return next(rival for rival in EVERY if rival.name == name)
