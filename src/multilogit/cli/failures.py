"""Every fault of the input becomes one sentence on the standard error, and the exit code 1."""

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import typer

from multilogit.cli.escape import escaped
from multilogit.errors import InputError, ModelFileError

__all__ = ["reported"]

INTERRUPTED = 130  # 128 + SIGINT, as shells count
NO_DIRECTORY = ": a file stands where a directory is expected; choose another place."
FAULTS: tuple[tuple[type[OSError], str], ...] = (
    (IsADirectoryError, " is a directory; expected a file."),
    (FileExistsError, NO_DIRECTORY),
    (NotADirectoryError, NO_DIRECTORY),
    (PermissionError, " cannot be opened: permission denied."),
)
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # two letters or more: one names a drive


@contextmanager
def reported(interrupted: str = "Interrupted; nothing was written.") -> Iterator[None]:
    """Print the warnings and the error of the enclosed work, each once and on a line of its own.

    Parameters
    ----------
    interrupted : str
        What to say when the user stops the work.

    Raises
    ------
    typer.Exit
        With code 1 in place of an error of the input, with 130 in place of an interrupt.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except BrokenPipeError:
            raise  # the reader, such as head, has seen enough; click ends quietly
        except (InputError, ModelFileError, OSError) as error:
            _print_warnings(caught)
            typer.echo(f"error: {_sentence(error)}", err=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            after_echo = "\n" if sys.stderr.isatty() else ""  # a terminal shows ^C in the same line
            typer.echo(f"{after_echo}{interrupted}", err=True)
            raise typer.Exit(INTERRUPTED) from None
    _print_warnings(caught)


def _print_warnings(caught: list[warnings.WarningMessage]) -> None:
    printed: list[str] = []
    for text in (_one_line(str(warning.message)) for warning in caught):
        # A warning about the held-out fit ends with the words of the same warning about the model.
        if not any(text.endswith(other) for other in printed):
            printed.append(text)
            typer.echo(f"warning: {text}", err=True)


def _sentence(error: Exception) -> str:
    if not isinstance(error, OSError):
        return _one_line(str(error))
    from multilogit.io import WriteError

    reason = (error.strerror or str(error)).lower()
    if error.filename is None:
        return f"the output could not be written: {reason}."
    shown = escaped(str(error.filename))
    if isinstance(error, WriteError):
        return f"{shown} could not be written: {reason}."
    if isinstance(error, FileNotFoundError):
        return _not_found(Path(error.filename))
    return shown + next((words for kind, words in FAULTS if isinstance(error, kind)), f": {reason}.")


def _not_found(path: Path) -> str:
    shown = escaped(str(path))
    if ADDRESS.match(str(path)):
        return f"{shown} is an address on a network, and multilogit reads files; fetch it first, then name the file."
    if not path.parent.is_dir():
        return f"there is no directory {escaped(str(path.parent))}, so {shown} cannot be opened."
    near = get_close_matches(path.name, [sibling.name for sibling in path.parent.iterdir()], n=1)
    hint = f" Did you mean {escaped(str(path.with_name(near[0])))}?" if near else ""
    return f"there is no file {shown}.{hint}"


def _one_line(text: str) -> str:
    return escaped(" ".join(text.split()))
