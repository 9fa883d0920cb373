"""The section on networks: a table per work and type, a row per library and thread count."""

import statistics
from typing import Any

from benchmarks.networks.works import WORKS, Work
from benchmarks.page.summary import OURS, Summary
from benchmarks.page.tables import seconds, table

__all__ = ["WORDS", "network_tables"]

WORDS = """A training from arrays to trained weights, in a process of its own; model, tensors and compiled functions are
made before, weights drawn anew each time by the library's own rule. Medians of processes, their range in brackets. "3x"
is the time over that of multilogit with its better thread count. The loss is valued here in float64, over all
training rows, from what the trained network predicts of them. As many steps from other random weights lead near to
one another, not to the same; that of xor depends on its start most. A time that is scaled was measured on fewer epochs,
whose loss and steps these are: all of them would take too long, and each costs the same.
"""


def network_tables(summary: Summary) -> str:
    """Return the tables of all works, in both types where they are."""
    parts = [_part(summary, work, dtype) for work in WORKS for dtype in work.dtypes]
    return "\n".join(part for part in parts if part)


def _part(summary: Summary, work: Work, dtype: str) -> str:
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for each in summary.of("network", problem=work.problem, dtype=dtype):
        groups.setdefault((each["rival"], each["threads"]), []).append(each)
    if not groups:
        return ""
    ours = summary.best_seconds("network", problem=work.problem, dtype=dtype, rival=OURS)
    order = list(dict.fromkeys(rival for rival, _ in groups))
    keys = sorted(groups, key=lambda key: (key[0] != OURS, order.index(key[0]), key[1]))
    rows = [_row(*key, groups[key], ours) for key in keys]
    header = ["library", "threads", "seconds", "to multilogit", "loss", "steps", "notes"]
    return f"### {work.name}, {dtype}\n\n{_about(work)}\n\n{table(header, rows)}"


def _about(work: Work) -> str:
    """Return data and network in a sentence."""
    loss = "cross-entropy" if work.classifies else "mean squared error"
    order = "shuffled" if work.shuffled else "all rows"
    epochs = "1 epoch" if work.epochs == 1 else f"{work.epochs:,} epochs"
    return (
        f"{work.rows:,} rows: {work.about}. {work.hidden} hidden units, {work.activation}; {work.output}, {loss}; "
        f"{work.optimiser}, learning rate {work.learning_rate:g}; batches of {work.batch}, {order}; {epochs}."
    )


def _row(rival: str, threads: int, group: list[dict[str, Any]], ours: float | None) -> list[str]:
    times = [each["seconds"] for each in group]
    middle, first = statistics.median(times), group[0]
    spread = f" ({seconds(min(times))} to {seconds(max(times))})" if len(times) > 1 else " (once)"
    return [
        f"**{rival}**" if rival == OURS else rival,
        str(threads),
        seconds(middle) + spread,
        f"{middle / ours:.3g}x" if ours else "",
        f"{first['loss']:.4f}",
        f"{first['steps']:,}",
        _notes(group),
    ]


def _notes(group: list[dict[str, Any]]) -> str:
    """Return what a time leaves out, and what it was scaled from."""
    first, notes = group[0], []
    if first["measured_epochs"] != first["epochs"]:
        notes.append(f"scaled from {first['measured_epochs']:,} epochs")
    if "compile_seconds" in first:
        compiling = statistics.median(each["compile_seconds"] for each in group)
        notes.append(f"compiled before, in {seconds(compiling)}")
    return "; ".join(notes)
