"""JAX: value and gradient compiled by XLA, driven by SciPy's L-BFGS-B."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.judge import Coefficients
from benchmarks.ladder import Iterations, Ladder
from benchmarks.problem import Data, Problem, Shape
from benchmarks.rivals.base import Fit, Outcome

__all__ = ["Jax"]


@dataclass(frozen=True)
class Jax:
    """`scipy.optimize.minimize(method="L-BFGS-B")` over `jax.jit(jax.value_and_grad(...))`."""

    name = "jax-lbfgs"

    def ladder(self, problem: Problem) -> Ladder:  # noqa: ARG002
        """Return iterations."""
        return Iterations(8)

    def cannot(self, problem: Problem, shape: Shape, dtype: str) -> str | None:  # noqa: ARG002
        """Return why: sweeps, two classes, and sparse X."""
        if problem.is_sweep or shape.K == 2:
            return "It has no sweep over C and no binary model of its own."
        return "JAX's sparse arrays are experimental." if shape.sparse else None

    def prepare(self, problem: Problem, data: Data) -> Fit:
        """Return the fit; X is on the device and the function is compiled before."""
        import scipy.optimize

        shape = data.shape
        value_and_gradient = _compiled(problem, data)

        def fit(max_iter: float) -> Outcome:
            result = scipy.optimize.minimize(
                value_and_gradient,
                np.zeros((shape.D + 1) * shape.K),
                jac=True,
                method="L-BFGS-B",
                options={
                    "maxiter": int(max_iter),
                    "maxfun": 10**9,
                    "maxcor": 10,
                    "gtol": 0.0,
                    "ftol": 0.0,
                    "maxls": 50,
                },
            )
            theta = result.x.reshape(shape.D + 1, shape.K)
            return Outcome(
                (Coefficients(theta[:-1].T, theta[-1]),), result.nit < int(max_iter), {"iterations": result.nit}
            )

        return fit


def _compiled(problem: Problem, data: Data) -> Any:
    """Return f / (C N) and its gradient as SciPy wants them, of a flat theta (D + 1, K), b its last row."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", data.X.dtype == np.float64)
    shape = data.shape
    X, y = jnp.asarray(data.X), jnp.asarray(data.y)
    ridge = 0.0 if np.isinf(problem.C) else 0.5 / (problem.C * shape.N)

    def value(theta: Any, X: Any, y: Any) -> Any:
        Z = X @ theta[:-1] + theta[-1]
        log_p = jax.nn.log_softmax(Z)
        return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean() + ridge * jnp.sum(theta[:-1] ** 2)

    both = jax.jit(jax.value_and_grad(value))

    def value_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        f, g = both(jnp.asarray(flat.reshape(shape.D + 1, shape.K), dtype=X.dtype), X, y)
        return float(f), np.asarray(g, dtype=np.float64).ravel()

    return value_and_gradient
