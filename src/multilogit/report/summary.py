"""What a training did and what came of it, in the few lines that a terminal shows."""

from multilogit.report import wording
from multilogit.report.section import Section, Table
from multilogit.table import Trained

__all__ = ["summary"]

_EFFECTS = 5
_CLASSES = 6  # columns of the table of effects
_FINDINGS = 3


def summary(trained: Trained, tested: Section | None = None) -> tuple[Section, ...]:
    """Return the sections in the order of reading; ``tested`` holds the scores on another table."""
    record, schema = trained.model.record, trained.model.schema
    found = [
        Section("data", f"{schema.target} from {record.source.name}", tuple(wording.rows(trained))),
        Section("columns", "Columns", tables=(_words(wording.columns(trained)),)),
        Section("fit", "Fit", tables=(_words(wording.fit(trained)),)),
        _scores(trained),
    ]
    if tested is not None:
        found.append(tested)
    if record.effects:
        title = "What moves the answer: average change of probability, in percentage points"
        table = wording.effects(trained, record.effects[:_EFFECTS], _CLASSES)
        found.append(Section("effects", title, (wording.of_how_many(trained),), tables=(table,)))
    return (*found, *_findings(trained))


def _scores(trained: Trained) -> Section:
    assessment = trained.model.record.assessment
    if assessment is None:
        return Section("scores", "Scores", ("No rows were held out, so nothing is known about other rows.",))
    own = " Every part chose its own C." if assessment.parts > 1 and trained.model.record.choice is not None else ""
    last = f"The final model is fitted to all {trained.model.record.rows_used:,} rows.{own}"
    return Section("scores", wording.how_scored(assessment), (last,), tables=(wording.scores(assessment.comparisons),))


def _findings(trained: Trained) -> tuple[Section, ...]:
    findings = trained.findings
    if not findings:
        return ()
    shown = tuple((each.code, f"{each.found} {each.fix}") for each in findings[:_FINDINGS])
    more = ", ".join(each.code for each in findings[_FINDINGS:])
    sentences = (f"and {len(findings) - _FINDINGS} more, which the report explains: {more}",) if more else ()
    return (Section("findings", "What not to trust", sentences, tables=(_words(shown),)),)


def _words(rows: tuple[tuple[str, ...], ...]) -> Table:
    return Table((), rows, numeric=False)
