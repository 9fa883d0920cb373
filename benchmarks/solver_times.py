"""Which solver is the faster where: the measurements behind the rules of `auto` (docs/decisions/solvers.md).

Time to prove a relative gap of 1e-6 on Gaussian rows with a power-law spectrum, medians of interleaved repeats, and the
operations that the rule for Newton's method compares: those of a Hessian and its factor, and those of a gradient.

    python -m benchmarks.solver_times
"""

import statistics
import sys
import warnings
from dataclasses import dataclass
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from benchmarks.problems.dense import PowerLaw
from benchmarks.solver_passes import show
from benchmarks.timing import timed
from multilogit import LogisticRegression

METHODS = ("newton-cholesky", "lbfgs")
TOL, REPEATS = 1e-6, 3
CUT = 20.0  # where the slower one takes so many times the faster one's first second, neither is repeated
SHAPES = (
    *((N, D, K) for N in (500, 5_000, 50_000) for D, K in ((10, 3), (40, 3), (100, 2), (20, 10), (64, 10))),
    *((200, 100, 3), (500, 13, 5), (500, 200, 5), (2_000, 30, 5), (2_000, 10, 20), (5_000, 200, 5)),
    *((20_000, 10, 10), (100_000, 30, 2), (400_000, 10, 3), (400_000, 54, 7)),
)


@dataclass(frozen=True)
class Shape:
    """Rows, columns, classes."""

    N: int
    D: int
    K: int

    @property
    def hessian(self) -> float:
        """Operations of a Hessian and its factor."""
        D, free = self.D + 1, 1 if self.K == 2 else self.K
        return self.N * self.K * (self.K - 1) / 2 * D**2 + (free * D) ** 3

    @property
    def gradient(self) -> float:
        """Operations of a gradient."""
        return 4 * self.N * (self.D + 1) * (1 if self.K == 2 else self.K)


def seconds(X: Any, y: Any, method: str) -> float:
    """Return the time of one fit."""
    return timed(lambda: LogisticRegression(solver=method, tol=TOL).fit(X, y))[0]


def ratio(shape: Shape, dtype: str) -> tuple[float, str]:
    """Return the time of L-BFGS over that of Newton, and which of them is chosen."""
    data = PowerLaw(shape.N, shape.D, shape.K, total=float(shape.D)).make()
    X = data.X.astype(dtype)
    times = {method: [seconds(X, data.y, method)] for method in METHODS}
    slow = max(times, key=lambda method: times[method][0])
    methods = METHODS if times[slow][0] < CUT * min(times.values())[0] or times[slow][0] < 1 else ()
    for _ in range(REPEATS):
        for method in methods:
            times[method].append(seconds(X, data.y, method))
    medians = {method: statistics.median(each[1:] or each) for method, each in times.items()}
    chosen = LogisticRegression(tol=TOL).fit(X, data.y).solver_
    return medians["lbfgs"] / medians["newton-cholesky"], chosen


def main() -> None:
    """Print the table, the least work first."""
    warnings.simplefilter("error", ConvergenceWarning)
    rows = []
    for shape in sorted((Shape(*each) for each in SHAPES), key=lambda shape: shape.hessian):
        cells = [f"{shape.N:,} x {shape.D} x {shape.K}", f"{shape.hessian:.0e}", f"{shape.gradient:.0e}"]
        for dtype in ("float64", "float32"):
            found, chosen = ratio(shape, dtype)
            right = (found >= 1) == (chosen == "newton-cholesky")
            cells += [f"{found:.2f}", chosen if right else f"{chosen} (the slower)"]
        rows.append(cells)
        sys.stderr.write(" ".join(cells) + "\n")
    show(
        ["problem", "Hessian", "gradient", "float64: L-BFGS / Newton", "chosen", "float32: L-BFGS / Newton", "chosen"],
        rows,
    )


if __name__ == "__main__":
    main()
