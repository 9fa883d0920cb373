"""Writes docs/cli.md from the commands, and the figure of the README: `make docs`."""

import inspect
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sklearn.datasets import load_wine
from typer.main import get_command

from multilogit import fit
from multilogit.cli.app import app
from multilogit.cli.documents import KEYS, SCHEMA
from multilogit.plot import ContributionDisplay
from multilogit.plot.style import svg_settings
from multilogit.table.findings import CODES, THRESHOLDS

PAGE = Path(__file__).with_name("cli.md")
FIGURE = Path(__file__).with_name("explanation.svg")

TITLE = """\
# The command line

Installed with `pip install 'multilogit[cli]'`. `multilogit --help`, or `-h`, lists the commands; `multilogit train -h`
tells the options of one.
"""

STREAMS = """\
## Streams and exit codes

Results go to the standard output; progress (only on a terminal, after half a second), notes, warnings and errors go to
the standard error. Nothing is coloured in a pipe or where `NO_COLOR` is set. DATA may be `-`, the standard input.
"""

EXIT_CODES = (
    ("0", "all went well"),
    ("1", "a fault in the input or the run: one sentence says what was expected, what came and what to do"),
    ("2", "a fault in the command line, or no target was named"),
    ("3", "`train --strict` found something; the files are written all the same"),
    ("130", "interrupted"),
)

FILES = """\
A model and a report are written together, whole or not at all, and a file that is not of the same kind is never
replaced. Text files are read whole before a type is decided: empty values, NA, N/A, NaN, null, None and ? are missing;
the separator is the one of comma, semicolon, tab and bar that the header holds most often; codes with leading zeros
stay text. Rows are counted from 1 after the header, lines from 1 with it.
"""

FINDINGS = """\
## Findings

`train` checks the data, the fit and the scores. At most three findings are printed, the worst first; the report
explains all of them, with numbers. `--ignore CODE` leaves one out, `--strict` turns any into exit code 3.
"""


def page() -> str:
    """Return the page."""
    codes = _table(("code", "what happened"), EXIT_CODES)
    findings = _table(("code", "finding", "threshold"), ((code, name, _limits(code)) for code, name in CODES.items()))
    keys = _table(("document", "key", "meaning"), ((kind, f"`{key}`", meaning) for kind, key, meaning in KEYS))
    document = (
        "## JSON\n\n"
        f'`--json` prints one document of schema {SCHEMA}. Numbers that are not finite are texts, as in `"inf"`.'
    )
    commands = (_command(name, command) for name, command in get_command(app).commands.items())
    parts = (TITLE, *commands, STREAMS, codes, FILES, FINDINGS, findings, document, keys)
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _command(name: str, command: Any) -> str:
    """Return what one command does, its arguments and its options."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    words = " ".join(f"[{each.metavar}]" if not each.required else each.metavar for each in arguments)
    usage = f"```\nmultilogit {name} {words} [OPTIONS]\n```"
    rows = [*((each.metavar, each.help) for each in arguments), *((_flags(each), _help(each)) for each in options)]
    return "\n\n".join((f"## {name}", usage, inspect.cleandoc(command.help), _table(("", "meaning"), _quoted(rows))))


def _flags(option: Any) -> str:
    """Return the names of an option, its value, and whether it may be repeated."""
    return f"{', '.join(option.opts)}{'' if option.is_flag else f' {option.metavar}'}{' ...' * option.multiple}"


def _help(option: Any) -> str:
    default = option.default
    told = default is not None and not option.is_flag and not option.multiple and "Default" not in option.help
    return f"{option.help} Default: `{default}`." if told else option.help


def _quoted(rows: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    return [(f"`{first}`", second) for first, second in rows]


def _limits(code: str) -> str:
    return "; ".join(f"{each.value:,g}: {each.meaning}" for each in THRESHOLDS.values() if each.code == code)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def draw() -> None:
    """Draw why the wine that its model is least sure of got its class, as `multilogit demo` explains it."""
    table = load_wine(as_frame=True)
    wines = table.data.assign(cultivar=table.target_names[table.target])
    results = fit(wines, "cultivar", holdout="none")
    row = int(results.predict_proba(wines).max(axis=1).argmin())
    figure = ContributionDisplay.from_explanation(results.explain(wines.iloc[row])).plot().figure
    with svg_settings():
        figure.savefig(FIGURE, metadata={"Date": None})


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    draw()
