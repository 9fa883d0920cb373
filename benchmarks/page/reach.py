"""The reach that the project set itself, and whether it is met."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.machine.probe import bound
from benchmarks.networks.works import find
from benchmarks.page.summary import OURS, AtLeast, Summary

__all__ = ["DTYPES", "ROWS", "Goal", "shown", "verdict"]

DTYPES = ("float64", "float32")


@dataclass(frozen=True)
class Goal:
    """A row: what, the ratio that is asked for at least, the aim, and how it is measured (one number per part).

    ``unit`` is "x" for how many times faster, "%" for a share of the bound; ``dtypes`` are those that it is asked of.
    """

    what: str
    at_least: tuple[float, ...]
    aim: tuple[float, ...]
    parts: tuple[tuple[str, Callable[[Summary, str], float | None]], ...]
    unit: str = "x"
    dtypes: tuple[str, ...] = DTYPES

    def measured(self, summary: Summary, dtype: str) -> list[tuple[str, float | None]]:
        """Return the number of each part."""
        return [(label, number(summary, dtype)) for label, number in self.parts]


def verdict(goal: Goal, numbers: list[float | None]) -> str:
    """Return "aim", "at least" or "short", by the worst part; what was not measured leaves it open."""
    limits = [(goal.at_least[i % len(goal.at_least)], goal.aim[i % len(goal.aim)]) for i in range(len(numbers))]
    known = [(number, *limit) for number, limit in zip(numbers, limits, strict=True) if number is not None]
    if not known:
        return "not measured"
    partly = "" if len(known) == len(numbers) else " (in part)"
    if all(number >= aim for number, _, aim in known):
        return "aim" + partly
    return ("at least" if all(number >= least for number, least, _ in known) else "short") + partly


def _fits(*names: str) -> tuple[tuple[str, Callable[[Summary, str], float | None]], ...]:
    return tuple((name, lambda summary, dtype, name=name: summary.ratio(name, dtype)) for name in names)


def _function(N: int, K: int, rivals: tuple[str, ...]) -> Callable[[Summary, str], float | None]:
    """Return the ratio of the fastest of the rivals' softmax to ours."""

    def ratio(summary: Summary, dtype: str) -> float | None:
        case = {"function": "softmax", "dtype": dtype, "N": N, "K": K}
        times = [summary.best_seconds("function", rival=rival, **case) for rival in rivals]
        ours = summary.best_seconds("function", rival=OURS, **case)
        known = [time for time in times if time is not None]
        return min(known) / ours if known and ours else None

    return ratio


def _kernel(shape: tuple[int, int, int]) -> Callable[[Summary, str], float | None]:
    """Return the share of the bound in percent: of the machine's for few classes, of the two products' for many."""

    def share(summary: Summary, dtype: str) -> float | None:
        case = {"problem": "kernels", "dtype": dtype, "shape": list(shape)}
        ours = summary.best_seconds("kernel", rival=OURS, **case)
        limits = [bound(shape, dtype, each) for each in summary.of("limits", **case)]
        products = summary.best_seconds("kernel", rival="products", **case)
        best = min(limits, default=None) if products is None else products
        return 100.0 * best / ours if best and ours else None

    return share


def _memory(problem: str) -> Callable[[Summary, str], float | None]:
    """Return allowed bytes over used bytes."""

    def ratio(summary: Summary, dtype: str) -> float | None:
        found = summary.of("memory", problem=problem, dtype=dtype, rival=OURS)
        return found[0]["allowed"] / max(found[0]["bytes"], 1) if found else None

    return ratio


def _network(work: str, rival: str) -> Callable[[Summary, str], float | None]:
    """Return the time of a rival's training over ours, each with its better thread count."""

    def ratio(summary: Summary, dtype: str) -> float | None:
        case = {"problem": find(work, quick=False).problem, "dtype": dtype}
        theirs, ours = (summary.best_seconds("network", rival=name, **case) for name in (rival, OURS))
        return theirs / ours if theirs and ours else None

    return ratio


def _kernels(*shapes: tuple[int, int, int]) -> tuple[tuple[str, Callable[[Summary, str], float | None]], ...]:
    return tuple((" x ".join(f"{n:,}" for n in shape), _kernel(shape)) for shape in shapes)


GAP = "time to gap 1e-6, against scikit-learn's fastest solver that gets there"
ROWS = (
    Goal(f"{GAP}: iris, wine", (5,), (15,), _fits("iris", "wine")),
    Goal("same: digits raw", (10,), (30,), _fits("digits")),
    Goal("same: ill-conditioned dense", (20,), (200,), _fits("ill_conditioned")),
    Goal("same: banking77 TF-IDF", (5,), (20,), _fits("banking77_tfidf")),
    Goal("same: 60k x 784 x 10, 400k x 54 x 7", (10,), (30,), _fits("dense60k", "dense400k")),
    Goal("same: 50k x 768 x 100, 20k x 768 x 1000", (3,), (10,), _fits("dense50k100", "dense20k1000")),
    Goal("sweep of 20 C x 5 folds, against LogisticRegressionCV", (10,), (50,), _fits("sweep_digits", "sweep_dense")),
    Goal(
        "one dense value + gradient, K <= 16, against max(bytes / measured bandwidth, flops / measured peak)",
        (50,),
        (80,),
        _kernels((60_000, 784, 10), (400_000, 54, 7), (100_000, 256, 16)),
        "%",
    ),
    Goal(
        "one dense value + gradient, K >= 100, against the same two products alone",
        (85,),
        (95,),
        _kernels((50_000, 768, 100), (20_000, 768, 1000)),
        "%",
    ),
    Goal(
        "`functional.softmax`, 1e6 x 10 against SciPy, 1e4 x 1000 against torch",
        (8, 1.5),
        (20, 3),
        (
            ("against SciPy", _function(1_000_000, 10, ("scipy",))),
            ("against torch", _function(10_000, 1_000, ("torch",))),
        ),
    ),
    Goal(
        "peak memory of a fit beyond the data: allowed (10 % of X, 26 D K numbers, one D x D Gram) over used",
        (1,),
        (2,),
        tuple((name, _memory(name)) for name in ("dense60k", "dense400k", "dense50k100", "dense20k1000")),
    ),
    Goal(
        "training a network: xor, 100,000 epochs, against Keras, against a compiled loop of JAX",
        (1_000, 0.8),
        (10_000, 2),
        (("against Keras", _network("xor", "keras")), ("against JAX", _network("xor", "jax"))),
        dtypes=("float32",),
    ),
    Goal(
        "same: digits, 50 epochs, against scikit-learn's MLPClassifier",
        (5,),
        (15,),
        (("against scikit-learn", _network("digits", "sklearn-mlp")),),
    ),
    Goal(
        "same: one epoch of MNIST's size, against MLPClassifier, against torch's eager loop",
        (2, 1),
        (4, 2),
        (
            ("against scikit-learn", _network("mnist_sized", "sklearn-mlp")),
            ("against torch", _network("mnist_sized", "torch")),
        ),
        dtypes=("float32",),
    ),
)


def shown(number: float | None, unit: str) -> str:
    """Return a measured number as the table shows it."""
    if number is None:
        return "not measured"
    if math.isinf(number):
        return "theirs never"
    if number == 0.0:
        return "ours never"
    digits = f"{number:.0f}" if number >= 20 else f"{number:.1f}"
    more = "> " if isinstance(number, AtLeast) else ""
    return f"{digits} %" if unit == "%" else f"{more}{digits}x"
