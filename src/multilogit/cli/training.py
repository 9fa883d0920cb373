"""A training from a table in a file to a model in a file, and what is said about it."""

from typing import TYPE_CHECKING

import typer

from multilogit.cli.asked import Training
from multilogit.cli.table_input import STDIN

if TYPE_CHECKING:
    from multilogit.results import Evaluation, Results
    from multilogit.table import Request

__all__ = ["train_file"]


def train_file(asked: Training) -> "Results":
    """Train from a file, write the model and the report, and print what was done.

    Raises
    ------
    OSError
        If a file cannot be read or written; then neither the model nor the report is written.
    InputError
        If the table cannot be learned from.
    """
    from multilogit import io, report
    from multilogit.cli.command_line import repeated
    from multilogit.cli.progress import working
    from multilogit.cli.table_input import open_input, written_as
    from multilogit.results import Results
    from multilogit.table import train as train_table

    _check_outputs(asked)
    written = written_as(asked.separator, asked.decimal, asked.encoding, asked.na)
    file = open_input(asked.data, written)
    request = _request(asked, written.missing_marks)
    frame = file.for_training(request.roles)
    with working(f"Fitting {frame.height:,} rows", quiet=asked.quiet) as tell:
        found = train_table(frame, request, file.source, tell)
        tell("Writing the report" if asked.report is not None else "Writing the model")
        results = Results(found.model, found.evidence)
        tested = None
        if asked.test is not None:
            tested = results.evaluate(open_input(asked.test, written))
        contents = {asked.output: io.dumps(results.model)}
        if asked.report is not None:
            section = None if tested is None else tested.section(f"the final model on {asked.test}")
            contents[asked.report] = report.render(results, command=repeated(asked), tested=section).encode()
    io.write_all(contents)
    _print(results, asked, tested)
    return results


def _check_outputs(asked: Training) -> None:
    """Refuse, before any work, outputs that cannot be written or that would replace what is not ours."""
    from multilogit import io, report
    from multilogit.cli.outputs import refuse_to_overwrite
    from multilogit.errors import InputError

    if asked.report is not None and asked.report.resolve() == asked.output.resolve():
        raise InputError(f"the model and the report cannot both be {asked.output}; choose another file with --report.")
    if STDIN in {asked.output, asked.report}:
        raise InputError("a model and a report are files, and - is none; name a file.")
    inputs = [path for path in (asked.data, asked.test) if path is not None and path != STDIN]
    outputs = (
        (asked.output, inputs, io.begins_as_model, "a model"),
        (asked.report, [*inputs, asked.output], report.begins_as_report, "a report of multilogit"),
    )
    for output, others, is_own, kind in outputs:
        if output is not None:
            refuse_to_overwrite(output, *others)
            io.check_writable(output)
            io.check_replaceable(output, is_own, kind)


def _request(asked: Training, marks: tuple[str, ...]) -> "Request":
    from multilogit.table import Request
    from multilogit.table.roles import Roles

    assert asked.target is not None
    roles = Roles(asked.target, asked.weights, asked.groups, asked.columns)
    return Request(roles, asked.C, asked.holdout, asked.seed, asked.ignored, marks)


def _print(results: "Results", asked: Training, tested: "Evaluation | None") -> None:
    from multilogit.cli import display, documents
    from multilogit.report import summary

    if asked.as_json:
        content = {**documents.model(results), "confusion": documents.confusion(results)}
        if tested is not None:
            content["test"] = documents.evaluation(tested)["scores"]
        typer.echo(documents.text("training", content))
    elif not asked.quiet:
        display.show(summary(results, None if tested is None else tested.section(f"the final model on {asked.test}")))
        for path in (asked.output, asked.report):
            if path is not None and path.is_file():
                display.line(f"Wrote {path} ({path.stat().st_size:,} bytes)")
