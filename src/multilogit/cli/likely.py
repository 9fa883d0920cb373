"""What a table holds and which of its columns may be the target, for who did not name one."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multilogit.cli.asked import Training
    from multilogit.table.columns import Column

__all__ = ["list_columns"]

_MOST_LIKELY = 5


def list_columns(asked: "Training") -> None:
    """Print the columns of a table, and the likely targets."""
    from multilogit.cli import display
    from multilogit.cli.command_line import command
    from multilogit.cli.escape import escaped
    from multilogit.cli.table_input import open_input, written_as
    from multilogit.table.columns import read_columns
    from multilogit.table.decide import decide
    from multilogit.table.roles import Roles

    file = open_input(asked.data, written_as(asked.separator, asked.decimal, asked.encoding, asked.na))
    columns = read_columns(file.for_training(Roles("")))
    display.heading(f"{asked.data}: {len(next(iter(columns.values())).missing):,} rows, {len(columns)} columns")
    display.table(
        [(name, f"{each.role}: {each.reason}") for name, each in ((n, decide(c)) for n, c in columns.items())]
    )
    names = _likely(columns)
    typer.echo("error: no target was named.", err=True)
    if names:
        example = command("train", asked.data, "--target", names[0])
        typer.echo(f"Likely targets: {', '.join(map(escaped, names))}. For example: {example}", err=True)


def _likely(columns: "Mapping[str, Column]") -> list[str]:
    """Return the columns that can be targets: texts before numbers, complete ones first, then those of few classes."""
    from multilogit.errors import InputError
    from multilogit.table.columns import Kind
    from multilogit.table.target import check_target

    found = []
    for name, column in columns.items():
        try:
            check_target(column, forced=False)
        except InputError:
            continue
        classes = len(set(column.values[~column.missing].tolist()))
        found.append(((column.kind is Kind.NUMBERS, bool(column.missing.any()), classes), name))
    return [name for _, name in sorted(found, key=lambda each: each[0])[:_MOST_LIKELY]]
