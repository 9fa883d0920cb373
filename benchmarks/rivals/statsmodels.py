"""statsmodels' MNLogit, which has no penalty: it can fit the problems with C = inf."""

from dataclasses import dataclass

import numpy as np

from benchmarks.judge import Coefficients
from benchmarks.ladder import Iterations, Ladder
from benchmarks.problem import Data, Problem, Shape
from benchmarks.rivals.base import Fit, Outcome, quietly

__all__ = ["Statsmodels"]


@dataclass(frozen=True)
class Statsmodels:
    """`MNLogit(...).fit(method="newton")`, its default; classes against class 0."""

    name = "statsmodels-newton"

    def ladder(self, problem: Problem) -> Ladder:  # noqa: ARG002
        """Return Newton steps."""
        return Iterations(2)

    def cannot(self, problem: Problem, shape: Shape, dtype: str) -> str | None:
        """Return why: a penalty, sparse X, float32."""
        if np.isfinite(problem.C) or problem.is_sweep:
            return "MNLogit has no L2 penalty."
        if shape.sparse or dtype != "float64":
            return "MNLogit takes dense float64 data."
        return None

    def prepare(self, problem: Problem, data: Data) -> Fit:  # noqa: ARG002
        """Return the fit; the column of ones is made ready."""
        from statsmodels.discrete.discrete_model import MNLogit
        from statsmodels.tools import add_constant

        design = add_constant(data.X, prepend=False, has_constant="add")

        def fit(max_iter: float) -> Outcome:
            result, said = quietly(
                lambda: MNLogit(data.y, design).fit(method="newton", maxiter=int(max_iter), disp=0, tol=0)
            )
            rows = np.vstack([np.zeros(design.shape[1]), np.asarray(result.params).T])
            done = int(result.mle_retvals["iterations"])
            return Outcome((Coefficients(rows[:, :-1], rows[:, -1]),), done < int(max_iter), {"warnings": said})

        return fit
