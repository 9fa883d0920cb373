"""PyTorch's L-BFGS over the whole data, its strong-Wolfe search, the loss through autograd."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.judge import Coefficients
from benchmarks.ladder import Iterations, Ladder
from benchmarks.problem import Data, Problem, Shape
from benchmarks.rivals.base import Fit, Outcome

__all__ = ["Torch"]


@dataclass(frozen=True)
class Torch:
    """`torch.optim.LBFGS(history_size=10, line_search_fn="strong_wolfe")` on the mean loss plus the penalty."""

    name = "torch-lbfgs"

    def ladder(self, problem: Problem) -> Ladder:  # noqa: ARG002
        """Return iterations."""
        return Iterations(8)

    def cannot(self, problem: Problem, shape: Shape, dtype: str) -> str | None:  # noqa: ARG002
        """Return why: sweeps, two classes, and sparse X."""
        if problem.is_sweep or shape.K == 2:
            return "It has no sweep over C and no binary model of its own."
        return "Autograd through a sparse CSR product is a prototype." if shape.sparse else None

    def prepare(self, problem: Problem, data: Data) -> Fit:
        """Return the fit; X and y are tensors already."""
        import torch

        X, y = torch.from_numpy(data.X), torch.from_numpy(data.y)
        shape = data.shape

        def fit(max_iter: float) -> Outcome:
            W = torch.zeros((shape.D, shape.K), dtype=X.dtype, requires_grad=True)
            b = torch.zeros(shape.K, dtype=X.dtype, requires_grad=True)
            optimiser = torch.optim.LBFGS(
                [W, b],
                max_iter=int(max_iter),
                max_eval=4 * int(max_iter),
                history_size=10,
                tolerance_grad=0.0,
                tolerance_change=0.0,
                line_search_fn="strong_wolfe",
            )
            optimiser.step(_closure(torch, optimiser, (X, y), (W, b), problem.C))
            done = int(optimiser.state[W]["n_iter"])
            found = Coefficients(W.detach().numpy().T.astype(np.float64), b.detach().numpy().astype(np.float64))
            return Outcome((found,), done < int(max_iter), {"iterations": done})

        return fit


def _closure(torch: Any, optimiser: Any, data: tuple[Any, Any], parameters: tuple[Any, Any], C: float) -> Any:
    """Return the function of no arguments that L-BFGS calls: f / (C N), and its gradient on the parameters."""
    (X, y), (W, b) = data, parameters
    ridge = 0.0 if np.isinf(C) else 0.5 / (C * len(y))

    def closure() -> Any:
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(torch.addmm(b, X, W), y) + ridge * W.square().sum()
        loss.backward()
        return loss

    return closure
