"""Every fault of the input becomes one sentence on the standard error, and the exit code 1."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import typer

from multilogit.errors import InputError, ModelFileError

__all__ = ["refuse_to_overwrite", "reported"]


@contextmanager
def reported() -> Iterator[None]:
    """Print the warnings and the error of the enclosed work, each once and on a line of its own.

    Raises
    ------
    typer.Exit
        With code 1, in place of an error of the input.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (InputError, ModelFileError, OSError) as error:
            _print_warnings(caught)
            typer.echo(f"error: {_sentence(error)}", err=True)
            raise typer.Exit(1) from None
    _print_warnings(caught)


def refuse_to_overwrite(output: Path, *inputs: Path) -> None:
    """Raise if the output is one of the inputs.

    Raises
    ------
    InputError
        Naming the file.
    """
    for path in inputs:
        if output.exists() and path.exists() and output.samefile(path):
            raise InputError(f"the output {output} is the input {path}; choose another file with -o.")


def _print_warnings(caught: list[warnings.WarningMessage]) -> None:
    printed: list[str] = []
    for text in (_one_line(str(warning.message)) for warning in caught):
        # A warning about the held-out fit ends with the words of the same warning about the model.
        if not any(text.endswith(other) for other in printed):
            printed.append(text)
            typer.echo(f"warning: {text}", err=True)


def _sentence(error: Exception) -> str:
    if not isinstance(error, OSError) or error.filename is None:
        return _one_line(str(error))
    path = Path(error.filename)
    if isinstance(error, FileNotFoundError):
        return _not_found(path)
    if isinstance(error, IsADirectoryError):
        return f"{path} is a directory; expected a file."
    return f"{path}: {error.strerror}."


def _not_found(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}, so {path} cannot be opened."
    near = get_close_matches(path.name, [sibling.name for sibling in path.parent.iterdir()], n=1)
    hint = f" Did you mean {path.with_name(near[0])}?" if near else ""
    return f"there is no file {path}.{hint}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
