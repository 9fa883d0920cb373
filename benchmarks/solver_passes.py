"""Passes over the data that each solver needs, and where scikit-learn's fits end (docs/decisions/solvers.md).

Counts, not seconds: they are the same on every machine. "Reached" is the first iterate whose distance to the
polished optimum is within the relative gap; "proved" the first one whose certificate says so, with that tolerance.
Work is in gradient equivalents, because a pass with a Hessian costs more than one without.

    python -m benchmarks.solver_passes
"""

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn import datasets
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression

from multilogit import LogisticRegression, certify
from multilogit._objective.conversation import answer
from multilogit._solvers.auto import METHODS, choose
from multilogit._solvers.loop import minimise
from multilogit.estimators.problem import build_objective
from multilogit.estimators.training_data import read_training_data

GAPS = (1e-6, 1e-9)
RIVALS = ("lbfgs", "newton-cg", "newton-cholesky")


@dataclass(frozen=True)
class Problem:
    """Raw data and a name."""

    name: str
    X: np.ndarray
    y: np.ndarray


def problems() -> Iterator[Problem]:
    """Yield the textbook sets as they are, and one whose columns span three decades of scale."""
    for name in ("iris", "wine", "breast_cancer", "digits"):
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        yield Problem(name, X, y)
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(20_000, 40)), rng.normal(size=(40, 7)) / np.sqrt(40)
    y = (X @ W + rng.gumbel(size=(20_000, 7))).argmax(axis=1)
    yield Problem("20,000 x 40 x 7", X * 10.0 ** rng.uniform(-1.5, 1.5, size=40), y)


def passes(problem: Problem, method: str) -> list[str]:
    """Return the cells of one solver: reached and proved at each gap, then the work of the last."""
    data = read_training_data(LogisticRegression(), problem.X, problem.y, None, None)
    objective = build_objective(data, 1.0, fit_intercept=True, n_threads=1)
    optimum = LogisticRegression().fit(problem.X, problem.y).certificate_.objective
    cells = []
    for gap in GAPS:
        values: list[tuple[int, float]] = []
        conversation = minimise(
            objective,
            choose(objective, method),
            objective.layout.zeros(),
            tol=gap,
            max_iter=1000,
            progress=lambda _, state, __, seen=values: seen.append((state.effort.passes, state.value)),
        )
        run = answer(conversation)
        reached = next((count for count, value in values if value - optimum <= gap * optimum), None)
        cells += [str(reached), str(run.effort.passes)]
    return [*cells, f"{run.effort.work:.0f}"]


def rivals(problem: Problem) -> list[str]:
    """Return how far fits at the defaults end from the optimum: relative gap / largest error of a coefficient."""
    ours = LogisticRegression().fit(problem.X, problem.y).certificate_
    cells = [f"{ours.relative_gap:.0e}" + (f" / {ours.coefficient_error:.0e}" if ours.coefficient_error else "")]
    for solver in RIVALS:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fitted = SklearnLogisticRegression(solver=solver).fit(problem.X, problem.y)
        certificate = certify(fitted, problem.X, problem.y)
        said = " (warned)" if caught else ""
        cells.append(f"{certificate.relative_gap:.0e} / {certificate.coefficient_error:.0e}{said}")
    return cells


def show(header: list[str], rows: list[list[str]]) -> None:
    """Print a markdown table."""
    for row in [header, ["---"] * len(header), *rows]:
        sys.stdout.write("| " + " | ".join(row) + " |\n")
    sys.stdout.write("\n")


def main() -> None:
    """Print both tables."""
    found = list(problems())
    columns = [f"{what} {gap:.0e}" for gap in GAPS for what in ("reached", "proved")]
    rows = [[p.name, method, *passes(p, method)] for p in found for method in METHODS if affordable(p, method)]
    show(["problem", "solver", *columns, "work"], rows)
    header = ["problem", "multilogit", *(f"scikit-learn {solver}" for solver in RIVALS)]
    show(header, [[p.name, *rivals(p)] for p in found])


def affordable(problem: Problem, method: str) -> bool:
    """Leave out the exact Hessian where it would dominate everything: its cost is in the work of the others."""
    parameters = problem.X.shape[1] * len(np.unique(problem.y))
    return method != "newton-cholesky" or parameters < 1000


if __name__ == "__main__":
    main()
