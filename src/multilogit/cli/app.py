"""The list of commands."""

from typing import Annotated

import typer

from multilogit import __version__
from multilogit.cli.demo import demo
from multilogit.cli.evaluate import evaluate
from multilogit.cli.explain import explain
from multilogit.cli.inspect import inspect
from multilogit.cli.predict import predict
from multilogit.cli.train import train

__all__ = ["app"]

app = typer.Typer(
    help="Softmax classification of the rows of a table, with a certificate of the optimum.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (train, predict, evaluate, explain, inspect, demo):
    app.command()(command)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"multilogit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""
