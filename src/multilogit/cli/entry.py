"""The console script: says what to install where the extra `cli` is missing, else runs the command."""

import io
import sys
from importlib.util import find_spec

__all__ = ["main"]

EXTRA = ("typer", "rich", "polars", "jinja2", "matplotlib")


def main() -> None:
    """Run the command line of `multilogit`.

    Raises
    ------
    SystemExit
        Always; its code is the exit code.
    """
    if missing := [name for name in EXTRA if find_spec(name) is None]:
        sys.exit(f"The command multilogit needs {' and '.join(missing)}. Run: pip install 'multilogit[cli]'")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal lacks letters for
    from multilogit.cli.app import app

    app(prog_name="multilogit")
