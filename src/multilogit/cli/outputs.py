"""Which files a command may replace: those of its own kind, and never one of its inputs."""

from pathlib import Path

from multilogit.cli.escape import escaped
from multilogit.errors import InputError

__all__ = ["begins_as_predictions", "refuse_to_overwrite"]

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
