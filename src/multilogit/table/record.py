"""What is remembered of a training: the data, the rows, and the scores on held-out rows."""

from dataclasses import dataclass

from multilogit.errors import Status

__all__ = ["HeldOut", "Source", "TrainingRecord"]


@dataclass(frozen=True)
class Source:
    """The file that the rows came from, and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class HeldOut:
    """Scores on rows that a fit of its own did not see, beside those of the classes' shares alone.

    The baseline predicts, for every row, the classes' shares among the rows that were fitted.

    Attributes
    ----------
    share, seed : float, int
        The share of each class asked for, and the seed of the draw.
    rows, fitted_rows : int
        Rows scored, and rows that the scored fit used.
    log_loss, accuracy : float
        Of the fit: (weighted) mean of -log p of the true class, and share of rows predicted right.
    prior_log_loss, prior_accuracy : float
        Of the baseline, on the same rows.
    status : Status
        How the fit that is scored ended.
    separated : tuple of tuples
        The pairs of classes that are separated in the rows of that fit.
    """

    share: float
    seed: int
    rows: int
    fitted_rows: int
    log_loss: float
    accuracy: float
    prior_log_loss: float
    prior_accuracy: float
    status: Status
    separated: tuple[tuple[object, object], ...]


@dataclass(frozen=True)
class TrainingRecord:
    """How a model came to be.

    Attributes
    ----------
    rows_read, rows_used : int
        Rows in the table, and rows in the fit.
    missing : tuple of (str, int)
        Columns with missing values among those the model needs, with their counts.
    unweighted : int
        Complete rows that were not used because their weight is 0.
    class_counts : tuple of int
        Rows used of each class, in the order of the classes.
    held_out : HeldOut or None
        None if no rows were held out.
    source : Source or None
        None if the rows did not come from a file.
    """

    rows_read: int
    rows_used: int
    missing: tuple[tuple[str, int], ...]
    unweighted: int
    class_counts: tuple[int, ...]
    held_out: HeldOut | None
    source: Source | None = None
