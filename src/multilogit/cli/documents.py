"""What --json prints: one schema for every command, versioned; docs/cli.md describes it."""

import json
import math
from collections import Counter
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multilogit.inference import Comparison
    from multilogit.table import Trained
    from multilogit.table.explain import Explanation

__all__ = ["KEYS", "SCHEMA", "confusion", "evaluation", "explanation", "model", "text"]

SCHEMA = 1

# What the documents hold: kind of document, key, meaning. A new key keeps the number of the schema.
KEYS = (
    (
        "all",
        "schema, kind",
        "the version of this list, and which document it is: training, model, evaluation, explanation",
    ),
    ("training, model", "target, classes", "the target; every class with its rows"),
    ("training, model", "source", "name and SHA-256 of the data"),
    ("training, model", "rows", "how many were read and used, and why others were left out"),
    (
        "training, model",
        "decisions",
        "of every column: role, reason, code of the finding, whether the user asked for it",
    ),
    ("training, model", "fit", "C and how it was chosen, solver, iterations, status, relative gap"),
    ("training, model", "coefficients.terms", "names of the D terms"),
    (
        "training, model",
        "coefficients.coef, .intercept",
        "in the units of the table; one row, that of the second class, for two",
    ),
    ("training, model", "coefficients.standardised_coef, ...", "of the standardised terms, which the penalty is of"),
    (
        "training, model",
        "scores",
        "of every metric: model, baseline, difference, low and high of its 95% interval; or null",
    ),
    ("training, model", "assessment", "what was scored and how, training log loss, reliability; or null"),
    ("training, model", "effects", "of every column: contrast, and change of every class's probability (not percent)"),
    ("training, model", "findings", "code, what was found, why it matters, what to do"),
    ("training, model", "seed", "of every random draw"),
    (
        "training",
        "confusion",
        "of scored rows: true and predicted class, how many rows and their weight; or null",
    ),
    ("training", "test", "with --test: scores as above, on that table"),
    ("evaluation", "scores, is_training_data", "as above; whether the table is the very one that was fitted"),
    ("evaluation", "rows, left_out, novelties", "rows scored and left out; of every column what training never saw"),
    ("explanation", "row, predicted, against", "the row from 1, its class, and the class that it is compared with"),
    ("explanation", "log_odds, parts", "log(p_predicted / p_against), and the parts that add up to it"),
    ("explanation", "probabilities", "of every class, the most probable first"),
)


def text(kind: str, content: dict[str, Any]) -> str:
    """Return a document as JSON; numbers that are not finite are texts."""
    document = {"schema": SCHEMA, "kind": kind, **content}
    return json.dumps(_plain(document), ensure_ascii=False, allow_nan=False, indent=2)


def model(trained: "Trained") -> dict[str, Any]:
    """Return what is known about a model."""
    estimator, schema, record = trained.model.estimator, trained.model.schema, trained.model.record
    certificate = trained.certificate
    coef, intercept = trained.model.coefficients()
    return {
        "target": schema.target,
        "classes": [
            {"class": label, "rows": rows} for label, rows in zip(trained.classes, record.class_counts, strict=True)
        ],
        "source": record.source,
        "rows": {
            "read": record.rows_read,
            "used": record.rows_used,
            "left_out": [list(pair) for pair in record.left_out],
        },
        "decisions": record.decisions,
        "fit": {
            "C": float(estimator.C),
            "choice": record.choice,
            "solver": estimator.solver_,
            "iterations": int(estimator.n_iter_[0]),
            "status": certificate.status.name,
            "relative_gap": certificate.relative_gap,
        },
        "coefficients": {
            "terms": list(schema.terms),
            "coef": coef.tolist(),
            "intercept": intercept.tolist(),
            "standardised_coef": estimator.coef_.tolist(),
            "standardised_intercept": estimator.intercept_.tolist(),
        },
        "scores": None if record.assessment is None else evaluation(record.assessment.comparisons)["scores"],
        "assessment": record.assessment,
        "effects": record.effects,
        "findings": record.findings,
        "seed": record.seed,
    }


def evaluation(comparisons: "Iterable[Comparison]") -> dict[str, Any]:
    """Return the metrics by name."""
    return {"scores": {each.metric: {**asdict(each), "difference": each.difference} for each in comparisons}}


def explanation(found: "Explanation", row: int) -> dict[str, Any]:
    """Return an explanation of a row, counted from 1."""
    return {
        "row": row,
        "predicted": found.predicted,
        "against": found.against,
        "log_odds": found.log_odds,
        "probabilities": [{"class": label, "p": p} for label, p in found.probabilities],
        "parts": [asdict(part) for part in found.parts],
    }


def confusion(trained: "Trained") -> list[dict[str, Any]] | None:
    """Return how many scored rows of each class were taken for each class."""
    if (evidence := trained.evidence) is None or evidence.scored is None:
        return None
    codes = evidence.rows.codes[evidence.scored.rows]
    pairs = list(zip(codes.tolist(), evidence.scored.log_P.argmax(axis=1).tolist(), strict=True))
    rows, weight = Counter(pairs), Counter[tuple[int, int]]()
    for pair, each in zip(pairs, evidence.rows.weight[evidence.scored.rows].tolist(), strict=True):
        weight[pair] += each
    labels = evidence.rows.classes.tolist()
    return [
        {"true": labels[a], "predicted": labels[b], "rows": rows[a, b], "weight": float(weight[a, b])}
        for a, b in sorted(rows)
    ]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
