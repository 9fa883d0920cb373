"""scikit-learn's solvers, each made to run as many iterations as it is told."""

from dataclasses import dataclass

import numpy as np

from benchmarks.judge import Coefficients
from benchmarks.ladder import Iterations, Ladder
from benchmarks.problem import Data, Problem, Shape
from benchmarks.rivals.base import Fit, Outcome, quietly

__all__ = ["SOLVERS", "ScikitLearn"]

# Where each ladder starts: an iteration of Newton's is worth many of L-BFGS, a pass of SAGA's is one epoch.
SOLVERS = {"lbfgs": 8, "newton-cg": 2, "newton-cholesky": 2, "saga": 8}

# So small that max_iter decides; not zero, so that a solver at its rounding level still ends.
TINY = 1e-14

# newton-cholesky forms the (D K)^2 Hessian from K (K + 1) / 2 products: beyond this it would take the whole budget.
MOST_PARAMETERS, MOST_WORK = 5_000, 3e12
# saga needs some hundred epochs, each of N D K operations in scalar code.
MOST_PER_EPOCH = 1e9


@dataclass(frozen=True)
class ScikitLearn:
    """`LogisticRegression(solver=...)`, or `LogisticRegressionCV` for a sweep."""

    solver: str

    @property
    def name(self) -> str:
        """Library and solver."""
        return f"sklearn-{self.solver}"

    def ladder(self, problem: Problem) -> Ladder:  # noqa: ARG002
        """Return iterations."""
        return Iterations(SOLVERS[self.solver])

    def cannot(self, problem: Problem, shape: Shape, dtype: str) -> str | None:  # noqa: ARG002
        """Return why newton-cholesky or saga is left out."""
        if self.solver == "newton-cholesky":
            work = shape.N * shape.parameters**2 + shape.parameters**3
            if shape.parameters > MOST_PARAMETERS or work > MOST_WORK:
                return f"One Hessian of {shape.parameters:,} parameters takes longer than the budget."
        if self.solver == "saga" and shape.stored * shape.K > MOST_PER_EPOCH:
            return f"The budget holds few epochs of {shape.stored * shape.K:,} operations in scalar code."
        return None

    def prepare(self, problem: Problem, data: Data) -> Fit:
        """Return the fit."""
        return self._sweep(problem, data) if problem.is_sweep else self._single(problem, data)

    def _single(self, problem: Problem, data: Data) -> Fit:
        from sklearn.linear_model import LogisticRegression

        def fit(max_iter: float) -> Outcome:
            model = LogisticRegression(
                C=problem.C, solver=self.solver, tol=TINY, max_iter=int(max_iter), random_state=0
            )
            _, said = quietly(lambda: model.fit(data.X, data.y))
            done = int(np.max(model.n_iter_))
            found = Coefficients(model.coef_, model.intercept_)
            return Outcome((found,), done < int(max_iter), {"iterations": done, "warnings": said})

        return fit

    def _sweep(self, problem: Problem, data: Data) -> Fit:
        from sklearn.linear_model import LogisticRegressionCV

        folds = problem.splits(data)

        def fit(max_iter: float) -> Outcome:
            model = LogisticRegressionCV(
                Cs=list(problem.Cs),
                cv=folds,
                l1_ratios=(0.0,),
                scoring="neg_log_loss",
                solver=self.solver,
                tol=TINY,
                max_iter=int(max_iter),
                n_jobs=None,
                use_legacy_attributes=False,
            )
            _, said = quietly(lambda: model.fit(data.X, data.y))
            paths = np.asarray(model.coefs_paths_).reshape(problem.n_folds, len(problem.Cs), data.shape.K, -1)
            found = [Coefficients(each[:, :-1], each[:, -1]) for each in paths.reshape(-1, *paths.shape[2:])]
            done = int(np.max(model.n_iter_))
            return Outcome((*found, *(None,) * len(problem.Cs)), done < int(max_iter), {"warnings": said})

        return fit
