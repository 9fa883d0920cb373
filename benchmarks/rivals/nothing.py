"""A fit that does nothing: the floor of the harness, and the gap at which every fit begins."""

import numpy as np

from benchmarks.judge import Coefficients
from benchmarks.ladder import Ladder, Once
from benchmarks.problem import Data, Problem, Shape
from benchmarks.rivals.base import Fit, Outcome

__all__ = ["Nothing"]


class Nothing:
    """Returns zeros, at which every class is equally probable."""

    name = "nothing"

    def ladder(self, problem: Problem) -> Ladder:  # noqa: ARG002
        """Return the single setting."""
        return Once()

    def cannot(self, problem: Problem, shape: Shape, dtype: str) -> str | None:  # noqa: ARG002
        """Return None: it can do nothing with everything."""
        return None

    def prepare(self, problem: Problem, data: Data) -> Fit:
        """Return zeros for every piece."""
        shape = data.shape
        zeros = Coefficients(np.zeros((shape.K, shape.D)), np.zeros(shape.K))
        outcome = Outcome((zeros,) * len(problem.pieces(data)))
        return lambda _: outcome
