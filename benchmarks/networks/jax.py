"""JAX: every step of a training in one compiled loop; the two optimisers are a line each, in Keras's formulas."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.networks.base import SEED, Outcome, Training
from benchmarks.networks.works import Task

__all__ = ["jax_training"]

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7

# From the steps taken, the parameters and what the optimiser keeps, to those after a step along a gradient.
Update = Callable[[Any, Any], Any]


def jax_training(task: Task) -> Training:
    """Return the training by a compiled `lax.scan` over batches, or `lax.fori_loop` where a batch holds all rows.

    Rows and targets are on the device, and the loop is compiled, before.
    """
    import jax

    jax.config.update("jax_enable_x64", task.dtype == "float64")
    X, Y = jax.numpy.asarray(task.X), jax.numpy.asarray(task.Y)
    build = _initialiser(task)
    start = time.perf_counter()
    compiled = jax.jit(_loop(task)).lower(build(), _orders(task), X, Y).compile()
    note = {"compile_seconds": time.perf_counter() - start}

    def train(parameters: Any) -> Any:
        return jax.block_until_ready(compiled(parameters, _orders(task), X, Y))

    def outcome(parameters: Any) -> Outcome:
        found = _logits(task, parameters, X)
        return Outcome(np.asarray(getattr(jax.nn, task.work.output)(found)), task.steps)

    return Training(build, train, outcome, note)


def _initialiser(task: Task) -> Callable[[], Any]:
    """Return what draws new parameters: Glorot's uniform weights, biases of zero, as Keras does."""
    import jax

    def build() -> Any:
        keys = jax.random.split(jax.random.key(SEED), 2)
        glorot, shapes = jax.nn.initializers.glorot_uniform(), zip(task.sizes, task.sizes[1:], strict=False)
        made = (
            (glorot(key, shape, task.dtype), jax.numpy.zeros(shape[1], task.dtype))
            for key, shape in zip(keys, shapes, strict=True)
        )
        return jax.block_until_ready(tuple(made))

    return build


def _orders(task: Task) -> np.ndarray:
    """Return the rows of every step, -1 where the last batch of an epoch lacks some; of no use for a full batch."""
    work = task.work
    found = np.full((task.epochs if work.shuffled else 0, work.batches * work.batch), -1, dtype=np.int32)
    rng = np.random.default_rng(SEED)
    for epoch in found:
        epoch[: len(task.X)] = rng.permutation(len(task.X))
    return found.reshape(-1, work.batch)


def _logits(task: Task, parameters: Any, X: Any) -> Any:
    import jax

    (W, b), (V, c) = parameters
    return getattr(jax.nn, task.work.activation)(X @ W + b) @ V + c


def _loss(task: Task, parameters: Any, X: Any, Y: Any, weight: Any) -> Any:
    """Return the mean loss of the rows that have a weight of one."""
    import jax

    Z = _logits(task, parameters, X)
    if task.work.classifies:
        losses = -jax.numpy.take_along_axis(jax.nn.log_softmax(Z), Y[:, None], axis=1)[:, 0]
        return (weight * losses).sum() / weight.sum()
    return jax.numpy.square(jax.nn.sigmoid(Z) - Y).mean()


def _loop(task: Task) -> Callable[..., Any]:
    """Return the function of parameters, orders, rows and targets that takes every step."""
    import jax

    update = {"SGD": _sgd, "Adam": _adam}[task.work.optimiser](task.work.learning_rate)
    slope = jax.grad(lambda *values: _loss(task, *values))

    def run(parameters: Any, orders: Any, X: Any, Y: Any) -> Any:
        zeros = jax.tree.map(jax.numpy.zeros_like, parameters)
        state = (parameters, zeros, zeros)

        def shuffled(state: Any, at: Any) -> Any:
            t, rows = at
            return update(t, state, slope(state[0], X[rows], Y[rows], (rows >= 0).astype(X.dtype))), None

        if not task.work.shuffled:
            ones = jax.numpy.ones(len(X), X.dtype)
            return jax.lax.fori_loop(0, task.steps, lambda t, s: update(t, s, slope(s[0], X, Y, ones)), state)[0]
        return jax.lax.scan(shuffled, state, (jax.numpy.arange(task.steps), orders))[0][0]

    return run


def _sgd(rate: float) -> Callable[[Any, Any, Any], Any]:
    import jax

    return lambda _, state, G: (jax.tree.map(lambda w, g: w - rate * g, state[0], G), *state[1:])


def _adam(rate: float) -> Callable[[Any, Any, Any], Any]:
    import jax

    def update(t: Any, state: Any, G: Any) -> Any:
        W, M, V = state
        M = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, M, G)
        V = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, V, G)
        power = (t + 1).astype(M[0][0].dtype)
        step = rate * jax.numpy.sqrt(1 - BETA2**power) / (1 - BETA1**power)
        return jax.tree.map(lambda w, m, v: w - step * m / (jax.numpy.sqrt(v) + EPSILON), W, M, V), M, V

    return update
