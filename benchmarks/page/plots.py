"""Two pictures: time against suboptimality per problem, and cost as rows, features and classes grow.

The same records give the same bytes: no date, a fixed salt for the identifiers, text as text.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.page.summary import FIT_TARGET, Summary, Time
from benchmarks.problem import Problem
from benchmarks.problems import EVERY, scaling

__all__ = ["draw", "front", "spread"]

STYLE = {
    "svg.hashsalt": "multilogit",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
}


@dataclass(frozen=True)
class Pen:
    """How a library is drawn: its short name, a colour after Okabe and Ito (safe for the colour-blind), a marker."""

    label: str
    colour: str
    marker: str
    width: float = 1.2


PENS = {
    "multilogit": Pen("multilogit", "#D55E00", "o", 2.4),
    "sklearn-lbfgs": Pen("sklearn lbfgs", "#0072B2", "s"),
    "sklearn-newton-cg": Pen("sklearn newton-cg", "#56B4E9", "D"),
    "sklearn-newton-cholesky": Pen("sklearn newton-chol.", "#009E73", "^"),
    "sklearn-saga": Pen("sklearn saga", "#CC79A7", "v"),
    "torch-lbfgs": Pen("torch L-BFGS", "#B07A00", "P"),
    "jax-lbfgs": Pen("JAX L-BFGS", "#777777", "X"),
    "statsmodels-newton": Pen("statsmodels", "#000000", "*"),
}

# What is beyond the optimum by rounding alone is drawn at the floor, a fit that has hardly begun not at all.
FLOOR, CEILING = 1e-15, 20.0
COLUMNS = 3
AXIS_TITLES = {"N": "rows N", "D": "features D", "K": "classes K"}


def draw(summary: Summary, folder: Path) -> list[tuple[str, str]]:
    """Draw what there are records for; return (file name, words) of each picture."""
    import matplotlib as mpl

    mpl.use("svg")
    drawn = []
    with mpl.rc_context(STYLE):
        problems = [p for p in EVERY if p.family != "scaling" and summary.rivals(p.name, "float64")]
        if problems:
            _save(_gaps(summary, problems), folder / "time_to_gap.svg")
            drawn.append(
                (
                    "time_to_gap.svg",
                    "Time of a fit against the relative gap that it reached, one panel per problem, float64",
                )
            )
        if summary.of("kernel", rival="multilogit"):
            _save(_costs(summary), folder / "scaling.svg")
            drawn.append(
                (
                    "scaling.svg",
                    "Time of one value and gradient and of a fit to gap 1e-6 as rows, features and classes grow",
                )
            )
    return drawn


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "multilogit benchmarks"})


def front(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the (seconds, gap) that no quicker fit undercuts, quickest first."""
    best: list[tuple[float, float]] = []
    for seconds, gap in sorted(points):
        if not best or gap < best[-1][1]:
            best.append((seconds, gap))
    return best


def spread(heights: Sequence[float], apart: float) -> list[float]:
    """Return the heights moved as little as possible (in squares) so that all are ``apart``, and within 0 and 1.

    With the i-th smallest lowered by i times ``apart``, what is wanted is an order: neighbours out of order are pooled
    to their mean (isotonic regression by pooling adjacent violators).
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    pools: list[list[float]] = []
    for place, i in enumerate(order):
        pools.append([heights[i] - place * apart])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    lowered = [fmean(pool) for pool in pools for _ in pool]
    highest = max(1.0 - (len(heights) - 1) * apart, 0.0)
    moved = [0.0] * len(heights)
    for place, i in enumerate(order):
        moved[i] = min(max(lowered[place], 0.0), highest) + place * apart
    return moved


def _gaps(summary: Summary, problems: Sequence[Problem]) -> Any:
    """Return the figure of small multiples: seconds to the right, relative gap upwards, both in decades."""
    from matplotlib import pyplot

    rows = -(-len(problems) // COLUMNS)
    figure, grid = pyplot.subplots(rows, COLUMNS, figsize=(13, 3.1 * rows + 0.4), squeeze=False, layout="constrained")
    for axes, problem in zip(grid.flat, problems, strict=False):
        _panel(axes, summary, problem)
    for axes in list(grid.flat)[len(problems) :]:
        axes.set_axis_off()
    for axes in grid[:, 0]:
        axes.set_ylabel("relative gap (f - f*) / f*")
    for axes in list(grid.flat)[max(len(problems) - COLUMNS, 0) : len(problems)]:
        axes.set_xlabel("seconds of the fit")
    return figure


def _panel(axes: Any, summary: Summary, problem: Problem) -> None:
    ends: list[tuple[float, float, Pen]] = []
    for name in summary.rivals(problem.name, "float64"):
        rungs = summary.of("rung", problem=problem.name, dtype="float64", rival=name)
        points = front((each["seconds"], each["gap"]) for each in rungs if each["gap"] < CEILING)
        line = [(seconds, max(gap, FLOOR)) for seconds, gap in points]
        if name in PENS and line:
            pen = PENS[name]
            style = {"color": pen.colour, "marker": pen.marker, "markersize": 3.5, "linewidth": pen.width}
            axes.plot(*zip(*line, strict=True), **style, zorder=3 if name == "multilogit" else 2)
            ends.append((*line[-1], pen))
    axes.set(xscale="log", yscale="log", title=problem.name)
    axes.set_ylim(min([gap for _, gap, _ in ends] + [min(problem.targets) / 10]) / 5, CEILING)
    axes.set_xlim(_decades(axes.get_xlim()))
    for target in problem.targets:
        axes.axhline(target, color="#cccccc", linewidth=0.7, zorder=0)
    _label(axes, [(gap, pen) for _, gap, pen in ends])


def _decades(limits: tuple[float, float]) -> tuple[float, float]:
    """Return the whole decades that hold the limits: an axis without a labelled tick would say nothing."""
    low, high = limits
    return 10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high))


def _label(axes: Any, ends: Sequence[tuple[float, Pen]]) -> None:
    """Write the names beside the right edge, each at the height where its line ends, moved apart."""
    to_axes = axes.transData + axes.transAxes.inverted()
    heights = [float(to_axes.transform((axes.get_xlim()[0], gap))[1]) for gap, _ in ends]
    for height, (_, pen) in zip(spread(heights, 0.085), ends, strict=True):
        weight = "bold" if pen.width > 2 else "normal"
        axes.annotate(pen.label, (1.02, height), xycoords="axes fraction", color=pen.colour, va="center", weight=weight)


def _costs(summary: Summary) -> Any:
    """Return the figure of costs: a column per axis; one value and gradient above, a fit to 1e-6 below."""
    from matplotlib import pyplot

    figure, grid = pyplot.subplots(2, len(scaling.AXES), figsize=(13, 6.4), sharey="row", layout="constrained")
    for column, (axis, sizes) in enumerate(scaling.AXES.items()):
        others = ", ".join(f"{name} = {size:,}" for name, size in scaling.BASE.items() if name != axis)
        for row, cost in enumerate((_gradient_seconds, _fit_seconds)):
            axes = grid[row, column]
            axes.set(xscale="log", yscale="log")
            for name in ("multilogit", "sklearn-lbfgs"):
                _line(axes, axis, sizes, lambda key, name=name, cost=cost: cost(summary, key, name), PENS[name])
            axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axes.set_xticks([], minor=True)
            axes.set_xlim(sizes[0] / 1.4, sizes[-1] * 1.4)
            axes.grid(axis="y", color="#e5e5e5", linewidth=0.7)
        grid[0, column].set_title(f"{AXIS_TITLES[axis]}   ({others})")
        grid[1, column].set_xlabel(AXIS_TITLES[axis])
    for axes, words in zip(grid[:, 0], ("seconds, one value + gradient", "seconds, fit to gap 1e-6"), strict=True):
        axes.set_ylabel(words)
        axes.set_ylim(_decades(axes.get_ylim()))
    return figure


def _line(axes: Any, axis: str, sizes: Sequence[int], cost: Any, pen: Pen) -> None:
    """Draw one library's cost over the sizes of an axis, its name at the last point, ours below."""
    points = [(size, cost({**scaling.BASE, axis: size})) for size in sizes]
    known = [(size, seconds) for size, seconds in points if seconds is not None]
    if not known:
        return
    axes.plot(*zip(*known, strict=True), color=pen.colour, marker=pen.marker, markersize=4.5, linewidth=pen.width)
    place = {"xytext": (-4, -14 if pen is PENS["multilogit"] else 7), "textcoords": "offset points", "ha": "right"}
    axes.annotate(pen.label, known[-1], color=pen.colour, **place)


def _gradient_seconds(summary: Summary, size: dict[str, int], rival: str) -> float | None:
    return summary.best_seconds("kernel", problem=scaling.name_of(**size), rival=rival)


def _fit_seconds(summary: Summary, size: dict[str, int], rival: str) -> float | None:
    time = summary.time(scaling.name_of(**size), "float64", rival, FIT_TARGET)
    return time.seconds if isinstance(time, Time) else None
