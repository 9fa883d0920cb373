"""L-BFGS on all rows of a network at once: few passes, and a gradient that says how far they have come.

The loss of a network is not convex: pairs without curvature are not taken (see `secants`), and a step is judged by the
slopes along it (see `line_search`), which bracket a minimum of any smooth function. It computes in float64 whatever the
type of the parameters.

J. Nocedal, Math. Comp. 35 (1980) 773-782; D. C. Liu and J. Nocedal, Math. Program. 45 (1989) 503-528.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from multilogit._arrays import Float64, Floats
from multilogit._objective.examples import Examples
from multilogit._objective.network import Network
from multilogit._objective.network_native import Measure, gradient, means
from multilogit._objective.vectors import combine, dot
from multilogit._solvers.line_search import lengths
from multilogit._solvers.mini_batches import Stop
from multilogit._solvers.secants import Secants

__all__ = ["NetworkLBFGS"]

_ROUNDING = 1e-13  # of a value, relative to its size


@dataclass(frozen=True)
class _Identity:
    """The metric of a network: none is at hand that would be cheap and better."""

    size: int

    @property
    def diagonal(self) -> Float64:
        return np.ones(self.size)

    def solve(self, G: Float64, *, overwrite: bool = False) -> Float64:
        return G if overwrite else G.copy()

    def square(self, G: Float64, n_threads: int = 1) -> float:
        return dot(G, G, n_threads)


@dataclass(frozen=True)
class _Point:
    theta: Float64
    value: float  # the mean loss
    gradient: Float64

    @property
    def norm(self) -> float:
        return float(np.abs(self.gradient).max())


class NetworkLBFGS:
    """A training whose every epoch is one step over all rows; it ends where the gradient of the mean loss is small."""

    batches = 0

    def __init__(
        self,
        network: Network,
        examples: Examples,
        measures: Sequence[Measure],
        theta: Floats,
        memory: int,
        tolerance: float,
        iterations: int = 0,
    ) -> None:
        self._network, self._measures, self._dtype = network, measures, theta.dtype
        self._examples, self._tolerance = examples.astype(np.float64), tolerance
        self._pairs, self._metric = Secants(memory), _Identity(theta.size)
        self._theta: Float64 = theta.astype(np.float64)
        self._point: _Point | None = None
        self._rows: list[list[float]] = []
        self._last = [0.0] * (2 + len(measures))
        self._n_threads = 1
        self.epochs, self.iterations, self.ended = 0, iterations, False

    def run(self, epochs: int, batches: int | None, seconds: float, n_threads: int) -> Stop:
        """Go on until so many steps are done in all, or so many, or so many seconds, have passed from now."""
        end, left, self._n_threads = time.monotonic() + seconds, batches, n_threads
        if self._point is None:
            begun = self._at(self._theta)
            if not np.isfinite(begun.value + begun.norm):
                return Stop.NOT_FINITE
            self._point = begun
        self.ended = self._point.norm <= self._tolerance
        if self.ended and self.epochs == 0 and epochs > 0:
            self.epochs = 1  # an epoch without a step: nothing is left to gain
            self._record(self._point)
        while self.epochs < epochs and not self.ended and left != 0:
            self._step(self._point)
            left = None if left is None else left - 1
            if time.monotonic() >= end:
                break
        return Stop.DONE if self.ended or self.epochs >= epochs else Stop.PAUSED

    def _at(self, theta: Float64) -> _Point:
        N = len(self._examples)
        with np.errstate(over="ignore", invalid="ignore"):  # a point too far away is judged by its value
            value, G = gradient(self._network, theta, self._examples, self._n_threads)
        return _Point(theta, value / N, G / N)

    def _step(self, point: _Point) -> None:
        """Take one step; without any that leads down, begin anew along the gradient, and then end."""
        slopes = self._pairs.slopes(point.gradient, self._n_threads)
        direction = self._pairs.direction(self._metric, point.gradient, slopes, self._n_threads)
        if not len(self._pairs):
            direction /= max(1.0, float(np.linalg.norm(point.gradient)))
        found = self._search(point, direction)
        if found is None:
            self.ended, self._pairs = not len(self._pairs), Secants(self._pairs.most)
            return
        length, self._point = found
        change = (self._point.gradient - point.gradient) / length
        self._pairs, _ = self._pairs.joined_by(direction, change, self._point.gradient, self._metric, self._n_threads)
        self.epochs, self.iterations = self.epochs + 1, self.iterations + 1
        self.ended = self._point.norm <= self._tolerance
        self._record(self._point)

    def _search(self, point: _Point, direction: Float64) -> tuple[float, _Point] | None:
        slope0 = dot(point.gradient, direction, self._n_threads)
        if not slope0 < 0:
            return None
        trials = lengths(point.value, slope0, _ROUNDING)
        length = next(trials)
        while True:
            theta = np.empty_like(point.theta)
            combine([1.0, length], [point.theta, direction], theta, self._n_threads)
            trial = self._at(theta)
            try:
                following = trials.send((trial.value, dot(trial.gradient, direction, self._n_threads)))
            except StopIteration as end:
                return (length, trial) if end.value else None
            length = following

    def _record(self, point: _Point) -> None:
        values = [point.value]
        if self._measures:
            values += means(self._network, point.theta, self._examples, self._measures, self._n_threads)[1:]
        self._last = [*values, point.norm]
        self._rows.append(self._last)

    def history(self) -> Float64:
        """Return loss, metrics and largest entry of the gradient after the steps that were not asked for yet."""
        rows, self._rows = self._rows, []
        return np.array(rows, dtype=np.float64).reshape(-1, 2 + len(self._measures))

    def means(self) -> list[float]:
        """Return the last of them."""
        return self._last

    @property
    def gradient_norm(self) -> float:
        """The largest entry of the gradient of the mean loss at the parameters as they are stored."""
        return self._at(self.theta().astype(np.float64)).norm

    def theta(self) -> Floats:
        """Return the parameters."""
        return (self._theta if self._point is None else self._point.theta).astype(self._dtype)

    def slots(self) -> tuple[Floats, ...]:
        """Return nothing: pairs belong to one training."""
        return ()

    def load(self, theta: Floats) -> None:
        """Go on from other parameters."""
        self._theta, self._point, self._pairs = theta.astype(np.float64), None, Secants(self._pairs.most)

    def set_rate(self, rate: float) -> None:
        """Do nothing: the line search finds the length of a step."""

    def first_not_finite(self) -> tuple[int, bool]:
        """Return the first operation whose numbers are not finite; -1 for none."""
        with np.errstate(over="ignore", invalid="ignore"):
            values = self._network.forward(self._theta, self._examples.X)[1:]
        return next((j for j, each in enumerate(values) if not np.isfinite(each).all()), -1), False
