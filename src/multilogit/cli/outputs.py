"""Which files a command may replace: those of its own kind, and never one of its inputs."""

from collections.abc import Callable
from pathlib import Path

from multilogit.cli.escape import escaped
from multilogit.errors import InputError

__all__ = ["begins_as_predictions", "begins_as_report", "check_replaceable", "refuse_to_overwrite"]

PREDICTIONS_START = b"prediction,p_"
PARQUET_START = b"PAR1"


def refuse_to_overwrite(output: Path, *inputs: Path) -> None:
    """Raise if the output is one of the inputs.

    Raises
    ------
    InputError
        Naming the file.
    """
    for path in inputs:
        if output.exists() and path.exists() and output.samefile(path):
            raise InputError(
                f"the output {escaped(str(output))} is the input {escaped(str(path))}; choose another file with -o."
            )


def check_replaceable(output: Path, is_own: Callable[[Path], bool], kind: str) -> None:
    """Raise if the output is an existing file of another kind; an empty file may be replaced.

    Parameters
    ----------
    output : Path
    is_own : callable
        Whether an existing file is of the kind that will be written.
    kind : str
        That kind in words, after "not".

    Raises
    ------
    InputError
        Naming the file.
    """
    if output.is_file() and output.stat().st_size and not is_own(output):
        raise InputError(
            f"{output} exists and is not {kind}, so it is not replaced; choose another name, or remove it."
        )


def begins_as_predictions(path: Path) -> bool:
    """Return whether a file begins as the predictions that `multilogit predict` writes."""
    with path.open("rb") as file:
        start = file.read(len(PREDICTIONS_START) + 1)
    if start.startswith(PARQUET_START):
        return _columns_of_parquet(path)[:1] == ["prediction"]
    # A class with a comma or a quote in its name makes polars quote the column's name.
    return start.replace(b'"', b"")[: len(PREDICTIONS_START)] == PREDICTIONS_START


def _columns_of_parquet(path: Path) -> list[str]:
    """Return the names of the columns, none if the file is damaged."""
    import polars as pl

    try:
        return list(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return []


def begins_as_report(path: Path) -> bool:
    """Return whether a file begins as the report of a model does."""
    with path.open("rb") as file:
        return b'name="generator" content="multilogit' in file.read(1024)
