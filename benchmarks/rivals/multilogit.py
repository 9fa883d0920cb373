"""multilogit at its defaults, the tolerance apart: there ``tol`` is the relative gap that a fit proves."""

from dataclasses import dataclass

from benchmarks.judge import Coefficients
from benchmarks.ladder import Ladder, Tolerances
from benchmarks.problem import Data, Problem, Shape
from benchmarks.rivals.base import Fit, Outcome, quietly

__all__ = ["Multilogit"]


@dataclass(frozen=True)
class Multilogit:
    """`multilogit.LogisticRegression`, and `multilogit.regularization_path` for a sweep."""

    name = "multilogit"

    def ladder(self, problem: Problem) -> Ladder:  # noqa: ARG002
        """Return the tolerances."""
        return Tolerances()

    def cannot(self, problem: Problem, shape: Shape, dtype: str) -> str | None:  # noqa: ARG002
        """Return why a sweep cannot be had, where the function is missing."""
        import multilogit

        if problem.is_sweep and not hasattr(multilogit, "regularization_path"):
            return "This version has no `regularization_path`."
        return None

    def prepare(self, problem: Problem, data: Data) -> Fit:
        """Return the fit."""
        return _sweep(problem, data) if problem.is_sweep else _single(problem, data)


def _single(problem: Problem, data: Data) -> Fit:
    from multilogit import LogisticRegression

    def fit(tol: float) -> Outcome:
        model, said = quietly(lambda: LogisticRegression(C=problem.C, tol=tol).fit(data.X, data.y))
        proof = model.certificate_
        note = {
            "status": proof.status.name,
            "proved": proof.relative_gap,
            "passes": proof.passes,
            "solver": model.solver_,
            "warnings": said,
        }
        return Outcome((Coefficients(model.coef_, model.intercept_),), note=note)

    return fit


def _sweep(problem: Problem, data: Data) -> Fit:
    """Return the whole sweep: out-of-fold scores of every C, and the coefficients on all rows.

    The folds' own coefficients are not part of its answer, but their certificates are: the pieces on all rows are
    judged, and the gap reported as proved is the worst over the folds too.
    """
    from multilogit import regularization_path

    folds = problem.splits(data)
    unknown = (None,) * (len(problem.Cs) * problem.n_folds)

    def fit(tol: float) -> Outcome:
        path, said = quietly(lambda: regularization_path(data.X, data.y, Cs=list(problem.Cs), cv=folds, tol=tol))
        found = [Coefficients(coef, intercept) for coef, intercept in zip(path.coef, path.intercept, strict=True)]
        proofs = [proof for row in (path.certificates, *path.fold_certificates) for proof in row]
        note = {"proved": max(proof.relative_gap for proof in proofs), "warnings": said}
        return Outcome((*unknown, *found), note=note)

    return fit
