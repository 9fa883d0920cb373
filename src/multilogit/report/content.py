"""What the page says, section by section, before any HTML."""

import platform
import re
from collections.abc import Callable, Sequence

import numpy as np

from multilogit.plot import CoefficientDisplay, ConfusionDisplay, ContributionDisplay, ReliabilityDisplay
from multilogit.report import wording
from multilogit.report.figures import figure
from multilogit.report.section import Section, Table
from multilogit.table import Trained
from multilogit.table.explain import Explanation, explain_row
from multilogit.table.findings import not_better
from multilogit.table.train import Evidence
from multilogit.table.words import counted

__all__ = ["sections", "verdict"]

_MOST_COLUMNS = 60  # of the table's, in the page
_MOST_CLASSES = 20
_EFFECTS = 5
_WORST = 3  # findings in the verdict
_WRONG, _DOUBTFUL = 3, 3
_WHAT_MATTERS = frozenset({"multilogit", "kernels", "level", "threads", "platform", "numpy", "scipy", "scikit-learn"})
_IN_MEMORY = re.compile(r"a \w+ table")  # the name of a source that is no file
_ALL = "`multilogit inspect MODEL --json` holds them all."


def sections(results: Trained, command: str, tested: Section | None = None) -> tuple[Section, ...]:
    """Return the sections that there is something to say in; ``tested`` holds the scores on another table."""
    made: Sequence[Callable[[Trained], Section | None]] = (
        _findings, _data, _target, _model, _metrics, lambda _: tested, _reliability, _confusion, _coefficients,
        _effects, _rows,
    )  # fmt: skip
    found = [make(results) for make in made]
    return (*(section for section in found if section is not None), _reproduce(results, command))


def verdict(results: Trained) -> tuple[str, ...]:
    """Return whether to use the model, what it is worth beside the baseline, and the worst findings."""
    assessment = results.model.record.assessment
    worst = tuple(f"{each.code}: {each.found}" for each in results.findings[:_WORST])
    if assessment is None:
        return ("Nothing is known about rows that the model has not seen: none were held out.", *worst)
    loss, accuracy = assessment.metric("log_loss"), assessment.metric("accuracy")
    if loss.has_interval:
        interval = f"95% interval {loss.low:+.4f} to {loss.high:+.4f}"
    else:
        interval = "too few rows or groups to tell how far others would differ"
    if not_better(loss):
        advice = "Do not use its probabilities: they may be no better than the classes' shares alone."
    elif worst:
        advice = "Better than knowing the classes' shares alone; read the findings before you use it."
    else:
        advice = "Better than knowing the classes' shares alone, and no check speaks against it."
    worth = (
        f"On rows that it had not seen, a fit of this kind was right in {accuracy.model:.1%} (the shares alone: "
        f"{accuracy.baseline:.1%}). Its log loss was {loss.model:.4f} (the shares alone: {loss.baseline:.4f}): a "
        f"difference of {loss.difference:+.4f}, {interval}."
    )
    return (advice, worth, *worst)


def _findings(results: Trained) -> Section:
    findings = results.findings
    if not findings:
        return Section("findings", "Findings", ("None of the checks found anything against the model.",))
    rows = tuple((each.code, each.found, each.why, each.fix) for each in findings)
    table = Table(("code", "what was found", "why it matters", "what to do"), rows, numeric=False)
    sentence = (
        f"{len(findings)} findings, the worst first." if len(findings) > 1 else "One of the checks found something."
    )
    return Section("findings", "Findings", (sentence,), tables=(table,))


def _data(results: Trained) -> Section:
    record = results.model.record
    sentences = [
        f"{record.source.name}: {counted(record.rows_read, 'row')}, of which {record.rows_used:,} were fitted.",
        *(f"Left out: {counted(count, 'row')} with {why}." for why, count in record.left_out),
    ]
    how = {each.name: each.describe() for each in results.model.schema.columns}
    shown = record.decisions[:_MOST_COLUMNS]
    rows = tuple(
        (each.column, each.role, how.get(each.column, each.reason), each.reason if each.column in how else "")
        for each in shown
    )
    if len(shown) < len(record.decisions):
        sentences.append(f"The first {len(shown)} of {len(record.decisions):,} columns; {_ALL}")
    table = Table(("column", "taken as", "how", "because"), rows, numeric=False)
    return Section("data", "Data, and what was done to it", tuple(sentences), tables=(table,))


def _target(results: Trained) -> Section:
    counts = results.model.record.class_counts
    total = sum(counts)
    pairs = sorted(zip(results.classes, counts, strict=True), key=lambda pair: -pair[1])
    rows = tuple((wording.label(each), f"{count:,}", f"{count / total:.1%}") for each, count in pairs[:_MOST_CLASSES])
    name, largest = results.model.schema.target, wording.label(pairs[0][0])
    sentences = [f"{name} has {counted(len(pairs), 'class')}; the largest is {largest} with {pairs[0][1] / total:.1%}."]
    if len(rows) < len(pairs):
        sentences.append(f"The {len(rows)} largest; {_ALL}")
    return Section("target", "Target", tuple(sentences), tables=(Table(("class", "rows", "share"), rows),))


def _model(results: Trained) -> Section:
    rows = (*wording.fit(results), *wording.certificate(results))
    sentences = ["The model below is fitted to all of these rows, those that scored it among them."]
    if (choice := results.model.record.choice) is not None:
        sentences.append(
            f"C is the best of {len(choice.Cs)} values from {choice.Cs[0]:.2g} to {choice.Cs[-1]:.2g}, by "
            f"cross-validated log loss ({min(choice.losses):.4f} on the rows that chose it, so not what it is worth)."
        )
    return Section("model", "Model", tuple(sentences), tables=(Table((), rows, numeric=False),))


def _metrics(results: Trained) -> Section:
    assessment = results.model.record.assessment
    if assessment is None:
        return Section("metrics", "What it is worth", ("No rows were held out, so nothing is known about other rows.",))
    reading = (
        "Smaller is better for log loss and Brier score (the mean square of the errors, halved for two classes), "
        "larger for the others; intervals are of the difference."
    )
    sentences = [f"{wording.how_scored(assessment)}.", reading]
    if assessment.unscored:
        sentences.append(
            f"{counted(assessment.unscored, 'row')} of classes that the fitted part lacked could not be scored."
        )
    table = wording.scores(assessment.comparisons)
    return Section("metrics", "What it is worth", tuple(sentences), tables=(table,))


def _reliability(results: Trained) -> Section | None:
    assessment = results.model.record.assessment
    if assessment is None:
        return None
    found = assessment.reliability
    told = (
        f"On the average, what the model claims and what comes true differ by {100 * found.error:.1f} percentage "
        f"points; its most confident rows claim {found.confidence[-1]:.1%} and are right in {found.right[-1]:.1%}."
    )
    alt = "Share of predictions that are right against the probability that they claim: " + "; ".join(
        f"{claimed:.0%} claimed, {right:.0%} right"
        for claimed, right in zip(found.confidence, found.right, strict=True)
    )
    drawn = figure("reliability", ReliabilityDisplay(found), alt)
    return Section("reliability", "Does 80% come true in 80%?", (told,), drawn)


def _confusion(results: Trained) -> Section | None:
    if (evidence := results.evidence) is None or evidence.scored is None:
        return None
    rows, found = evidence.rows, evidence.scored
    texts = np.array([wording.label(each) for each in rows.classes.tolist()])
    true, predicted = rows.codes[found.rows], found.log_P.argmax(axis=1)
    display = ConfusionDisplay.from_predictions(texts[true], texts[predicted], sample_weight=rows.weight[found.rows])
    wrong = true != predicted
    told = "Every scored row was predicted right."
    if wrong.any():
        pairs, which = np.unique(np.stack([true[wrong], predicted[wrong]]), axis=1, return_inverse=True)
        weight = np.bincount(which.ravel(), weights=rows.weight[found.rows][wrong])
        a, b = pairs[:, weight.argmax()]
        unit = "row" if (rows.weight == 1.0).all() else "weighted row"
        told = f"The most frequent mistake: {texts[a]} taken for {texts[b]}, in {_many(weight.max(), unit)}."
    cut = [f"Classes beyond the {_MOST_CLASSES - 1} largest are added up."] if len(texts) > _MOST_CLASSES else []
    drawn = figure("confusion", display, f"Confusion matrix. {told}")
    return Section("confusion", "Which classes are mistaken", (told, *cut), drawn)


def _many(count: float, noun: str) -> str:
    return f"{count:,.4g} {noun}{'' if count == 1 else 's'}"


def _coefficients(results: Trained) -> Section:
    display = CoefficientDisplay.from_estimator(results.model.estimator, results.model.schema.terms)
    D, coef = len(results.model.schema.terms), display.coef
    dots = (
        "Each dot is one class: what one standard deviation of a number, a level, or a word that is all of a text adds "
        "to its logit."
    )
    sentences = [f"{display.terms[0]} tells the classes apart most. {dots}"]
    if len(display.terms) < D:
        sentences.append(f"The {len(display.terms)} widest of {D:,} terms; {_ALL}")
    alt = "Coefficients of every class, term by term: " + "; ".join(
        f"{term} from {low:.2f} to {high:.2f}"
        for term, low, high in zip(display.terms, coef.min(axis=0), coef.max(axis=0), strict=True)
    )
    drawn, raw = figure("coefficients", display, alt), _raw(results, display.terms)
    return Section("coefficients", "Coefficients", tuple(sentences), drawn, (raw,))


def _raw(results: Trained, shown: Sequence[str]) -> Table:
    """Return the coefficients of some terms in the units of the table."""
    coef, intercept = results.model.coefficients()
    names = [wording.label(each) for each in results.classes]
    chosen = wording.largest_classes(results, _MOST_CLASSES)
    header = tuple(names[k] for k in chosen)
    if len(intercept) == 1:
        chosen, header = [0], (f"{names[1]} against {names[0]}",)
    place = {term: j for j, term in enumerate(results.model.schema.terms)}
    rows = [("intercept", *(f"{intercept[k]:.4g}" for k in chosen))]
    rows += [(term, *(f"{coef[k, place[term]]:.4g}" for k in chosen)) for term in shown]
    return Table(("per unit of the column", *header), tuple(rows))


def _effects(results: Trained) -> Section | None:
    if not (found := results.model.record.effects[:_EFFECTS]):
        return None
    sentence = (
        f"{found[0].column} moves the answer most. Below is the average change of every class's probability, in "
        "percentage points, when one column changes and the others stay; it describes the model, and not what an "
        f"intervention would cause. {wording.of_how_many(results)}"
    )
    table = wording.effects(results, found, _MOST_CLASSES)
    return Section("effects", "What moves the answer", (sentence,), tables=(table,))


def _rows(results: Trained) -> Section | None:
    if (evidence := results.evidence) is None:
        told = "The model was read from a file, which holds no rows: the report of its training shows them."
        return Section("rows", "Rows to look at", (told,))
    if evidence.scored is None:
        return None
    rows, found = evidence.rows, evidence.scored
    ranked, true = np.sort(np.exp(found.log_P), axis=1), rows.codes[found.rows]
    wrong = np.flatnonzero(found.log_P.argmax(axis=1) != true)
    wrong = wrong[np.argsort(-ranked[wrong, -1], kind="stable")][:_WRONG]
    doubtful = np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable")
    doubtful = doubtful[~np.isin(doubtful, wrong)][:_DOUBTFUL]
    parts = [_one_row(results, evidence, int(i), "wrong, and sure of it") for i in wrong.tolist()]
    parts += [_one_row(results, evidence, int(i), "in doubt") for i in doubtful.tolist()]
    told = (
        f"{counted(len(wrong), 'row')} where a fit that had not seen the row was wrong and most sure, and "
        f"{len(doubtful)} where it was most in doubt, each as the final model explains it: bars to the right speak for "
        "its first class, bars to the left for its second."
    )
    return Section("rows", "Rows to look at", (told,), parts=tuple(parts))


def _one_row(results: Trained, evidence: Evidence, i: int, kind: str) -> Section:
    assert evidence.scored is not None
    rows, row = evidence.rows, int(evidence.scored.rows[i])
    P = np.exp(evidence.scored.log_P[i])
    truth, unseen = (wording.label(rows.classes[k].item()) for k in (rows.codes[row], P.argmax()))
    found: Explanation = explain_row(results.model, rows.by_name, row)
    shares = dict(found.probabilities)
    number = rows.place[row] + 1
    sentence = (
        f"Row {number} is {truth}; unseen, it was taken for {unseen} with {P.max():.1%}. The final model says "
        f"{found.predicted} with {shares[found.predicted]:.1%}, then {found.against} with {shares[found.against]:.1%}."
    )
    display = ContributionDisplay.from_explanation(found)
    alt = "Parts of the log-odds: " + "; ".join(
        f"{label} {value:+.2f}" for label, value in zip(display.labels, display.values, strict=True)
    )
    anchor = f"row-{number}"
    return Section(anchor, f"Row {number}: {kind}", (sentence,), figure(anchor, display, alt))


def _reproduce(results: Trained, command: str) -> Section:
    from multilogit._versions import versions  # noqa: PLC0415

    record = results.model.record
    rows = (
        ("data", record.source.name),
        ("SHA-256 of the data", record.source.sha256),
        ("seed", str(record.seed)),
        *((name, found) for name, found in versions().items() if name in _WHAT_MATTERS or name.startswith("BLAS")),
        ("python", platform.python_version()),
        *((("command", command),) if command else ()),
    )
    sentence = "The same data, options and versions give the same numbers on the same machine."
    table = Table(("what", "value"), rows, numeric=False)
    return Section("reproduce", "How to reproduce it", (sentence,), tables=(table,), code=_python(results))


def _python(results: Trained) -> str:
    """Return the call that repeats the fit; a table that was in memory is called table."""
    record, options = results.model.record, dict(results.model.record.options)
    formula = options.pop("formula", None)
    data = "table" if _IN_MEMORY.fullmatch(record.source.name) else repr(record.source.name)
    first = [formula, data] if formula is not None else [data, repr(results.model.schema.target)]
    arguments = ", ".join([*first, *(f"{name}={value}" for name, value in options.items())])
    return f"import multilogit\n\nresults = multilogit.fit({arguments})"
