"""Arguments and options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "Decimal", "Encoding", "Model", "Separator"]


def _separator(text: str) -> str:
    """Return the separator that a word names."""
    separator = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(separator) != 1 or separator in '"\r\n':
        raise typer.BadParameter(f"expected one character other than a double quote, or 'tab'; got {text!r}.")
    return separator


def _decimal(text: str) -> str:
    if text not in {".", ","}:
        raise typer.BadParameter(f"expected '.' or ','; got {text!r}.")
    return text


Model = Annotated[Path, typer.Argument(metavar="MODEL", readable=False, help="A file that `multilogit train` wrote.")]
Separator = Annotated[
    str | None,
    typer.Option("--separator", metavar="S", parser=_separator, help="Default: the one that the header shows."),
]
Decimal = Annotated[str, typer.Option("--decimal", metavar="MARK", parser=_decimal, help="The decimal mark.")]
Encoding = Annotated[str, typer.Option("--encoding", metavar="E", help="Of a text file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
