"""Textbook sets as they are loaded, unscaled: what a fit of milliseconds costs, and what raw columns do to a solver."""

from dataclasses import dataclass

import numpy as np

from benchmarks.problem import Data, Problem

__all__ = ["PROBLEMS", "Toy"]


@dataclass(frozen=True)
class Toy:
    """A set of scikit-learn's, or anes96 of statsmodels'."""

    name: str

    @property
    def about(self) -> str:
        """Where it comes from."""
        return f"`{self.name}` of {'statsmodels' if self.name == 'anes96' else 'scikit-learn'}, raw columns"

    def make(self) -> Data:
        """Return the raw columns."""
        if self.name == "anes96":
            import statsmodels.datasets

            loaded = statsmodels.datasets.anes96.load_pandas()
            X = loaded.exog[["logpopul", "selfLR", "age", "educ", "income"]].to_numpy(np.float64)
            return Data(np.ascontiguousarray(X), loaded.endog.to_numpy(np.int64))
        import sklearn.datasets

        X, y = getattr(sklearn.datasets, f"load_{self.name}")(return_X_y=True)
        return Data(np.ascontiguousarray(X), y.astype(np.int64))

    def shrunk(self, factor: int) -> "Toy":  # noqa: ARG002
        """Return it as it is: it is small."""
        return self


def _toy(name: str, C: float = 1.0, budget: float = 8.0) -> Problem:
    return Problem(name, "toy", Toy(name), C=C, budget=budget, certified=name)


PROBLEMS = (_toy("iris"), _toy("wine"), _toy("digits", budget=30.0), _toy("anes96", C=np.inf))
