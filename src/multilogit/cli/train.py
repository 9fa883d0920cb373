"""``multilogit train``: what may be asked of a training."""

from collections.abc import Callable, Iterable
from math import nan
from pathlib import Path
from typing import Annotated

import typer

from multilogit.cli.options import AsJson, Decimal, Encoding, Separator
from multilogit.cli.table_input import STDIN

__all__ = ["train"]

MOST_HELD_OUT = 0.9
FOUND = 3  # the exit code of a finding under --strict


def _number(text: object, expected: str, fits: Callable[[float], bool]) -> float:
    """Return the number that an option was given; its default comes as a number."""
    try:
        value = float(str(text))
    except ValueError:
        value = nan
    if not fits(value):
        raise typer.BadParameter(f"expected {expected}, got {str(text)!r}.")
    return value


def _strength(text: object) -> object:
    return text if text == "auto" else _number(text, "auto, inf or a number > 0", lambda value: value > 0)


def _held_out(text: object) -> object:
    if text in {"auto", "cv", "none"}:
        return text
    return _number(text, f"auto, cv, none or a number up to {MOST_HELD_OUT}", lambda value: 0 < value <= MOST_HELD_OUT)


def _seed(text: object) -> int:
    fits = "a whole number from 0 to 4294967295"
    return int(_number(text, fits, lambda value: 0 <= value < 2**32 and value.is_integer()))


def train(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            readable=False,
            allow_dash=True,
            help="A CSV, TSV or Parquet file, or one of text packed by gzip; - reads text.",
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option(
            "--target", "-t", metavar="COL", help="The column of classes; without it, the columns are listed."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="MODEL",
            readable=False,
            help="Default: DATA's name with .mlogit, in this directory.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", readable=False, help="Write the report, a page of HTML, too."),
    ] = None,
    test: Annotated[
        Path | None, typer.Option("--test", metavar="FILE", readable=False, help="A table that scores the final model.")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar="COL", help="Do not use it. May be repeated.")
    ] = None,
    numeric: Annotated[list[str] | None, typer.Option("--numeric", metavar="COL", help="Take it as numbers.")] = None,
    categorical: Annotated[
        list[str] | None, typer.Option("--categorical", metavar="COL", help="Take its values as levels.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option("--text", metavar="COL", help="Take it as free text: its words count.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", metavar="COL", help="Weights of the rows, numbers >= 0.")
    ] = None,
    groups: Annotated[
        str | None, typer.Option("--groups", metavar="COL", help="Rows with the same value are held out together.")
    ] = None,
    C: Annotated[
        str,
        typer.Option(
            "--C", metavar="auto|inf|X", parser=_strength, help="Inverse strength of the L2 penalty; inf for none."
        ),
    ] = "auto",
    holdout: Annotated[
        str, typer.Option("--holdout", metavar="auto|0.2|cv|none", parser=_held_out, help="What scores the model.")
    ] = "auto",
    seed: Annotated[int, typer.Option("--seed", metavar="N", parser=_seed, help="Of every random draw.")] = 0,
    separator: Separator = None,
    decimal: Decimal = ".",
    encoding: Encoding = "utf-8",
    na: Annotated[
        list[str] | None, typer.Option("--na", metavar="TEXT", help="One more mark of a missing value.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 if there is a finding.")] = False,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="CODE", help="Leave a finding out.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on a raw table.

    Prints what was done to every column, how far the fit can be from its optimum, what the model is worth on rows
    that it has not seen, what moves its answers, and what not to trust.
    """
    from multilogit.cli.failures import reported

    with reported():
        from multilogit.cli.asked import SUFFIX, Training
        from multilogit.cli.command_line import command, written_like
        from multilogit.cli.likely import list_columns
        from multilogit.cli.training import train_file

        asked = Training(
            data=data,
            target=target,
            output=output or Path(f"{_stem(data)}{SUFFIX}"),
            report=report,
            test=test,
            columns=_overrides(drop, numeric, categorical, text),
            weights=weights,
            groups=groups,
            C=None if C == "auto" else float(C),
            holdout=holdout,
            seed=seed,
            separator=separator,
            decimal=decimal,
            encoding=encoding,
            na=tuple(na or ()),
            strict=strict,
            ignored=_known_codes(ignore or ()),
            quiet=quiet,
            as_json=as_json,
        )
        if target is None:
            list_columns(asked)
            raise typer.Exit(2)
        results = train_file(asked)
        if not (quiet or as_json):
            typer.echo(f"Next: {command('predict', asked.output, asked.data, *written_like(asked))}")
    if strict and results.findings:
        if quiet:
            codes = ", ".join(dict.fromkeys(each.code for each in results.findings))
            typer.echo(f"error: there are findings: {codes}.", err=True)
        raise typer.Exit(FOUND)


def _known_codes(codes: Iterable[str]) -> frozenset[str]:
    from multilogit.errors import InputError
    from multilogit.table.findings import check_codes

    try:
        return check_codes(codes)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="'--ignore'") from None


def _overrides(*named: list[str] | None) -> dict[str, str]:
    """Return the role of each column that was named with --drop, --numeric, --categorical or --text."""
    from multilogit.errors import InputError

    found: dict[str, str] = {}
    for role, names in zip(("drop", "numeric", "categorical", "text"), named, strict=True):
        for name in names or ():
            if found.setdefault(name, role) != role:
                raise InputError(f"column {name!r} cannot be both --{found[name]} and --{role}.")
    return found


def _stem(data: Path) -> str:
    """Return the name of a file without its suffixes of text and packing."""
    if data == STDIN:
        return "model"
    name = data.name.removesuffix(".gz")
    return Path(name).stem
