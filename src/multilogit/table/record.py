"""What is remembered of a training: the data, what was decided, what the model is worth, and what not to trust."""

from dataclasses import dataclass

from multilogit.inference import Effect
from multilogit.table.assess import Assessment
from multilogit.table.decide import Decision
from multilogit.table.findings import Finding
from multilogit.table.strength import Choice

__all__ = ["Record", "Source"]


@dataclass(frozen=True)
class Source:
    """Where the rows came from: a file's name, or "a pandas table"; and the SHA-256 of its content."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """How a model came to be.

    Attributes
    ----------
    source : Source
    rows_read, rows_used : int
        Rows in the table, and rows in the fit.
    left_out : tuple of (str, int)
        Why the others were not used, and how many.
    decisions : tuple of Decision
        What was decided about every column.
    class_counts : tuple of int
        Rows used of each class, in the order of the classes.
    prior : tuple of float
        Each class's share of the weight of these rows: what the model is compared with.
    choice : Choice or None
        How C was chosen on all rows; None where it was given.
    assessment : Assessment or None
        What fits of the same recipe are worth on rows that they did not see; None if nothing was held out.
    effects : tuple of Effect
        What moves the answer, the strongest first.
    findings : tuple of Finding
        What not to trust, the worst first.
    seed : int
        Of every random draw.
    options : tuple of (str, str)
        The arguments of `multilogit.fit` that were given, as Python writes them; "formula" is its first, if there was
        one.
    """

    source: Source
    rows_read: int
    rows_used: int
    left_out: tuple[tuple[str, int], ...]
    decisions: tuple[Decision, ...]
    class_counts: tuple[int, ...]
    prior: tuple[float, ...]
    choice: Choice | None
    assessment: Assessment | None
    effects: tuple[Effect, ...]
    findings: tuple[Finding, ...]
    seed: int
    options: tuple[tuple[str, str], ...] = ()
