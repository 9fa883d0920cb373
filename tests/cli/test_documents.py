import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import multilogit
from multilogit.cli import documents

FAST = ("--holdout", "none", "--C", "1")


def strict(text):
    """Read JSON as the standard has it: without NaN and infinities."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("train", "birds.csv", "--target", "kind", *FAST), "training"),
        (("inspect", "birds.mlogit"), "model"),
        (("evaluate", "birds.mlogit", "birds.csv"), "evaluation"),
        (("explain", "birds.mlogit", "birds.csv", "--row", "1"), "explanation"),
    ],
)
def test_every_document_tells_its_schema_and_kind_and_nothing_else_is_printed(trained, words, kind):
    found = trained(*words, "--json")
    document = strict(found.stdout)
    assert (found.exit_code, document["schema"], document["kind"]) == (0, documents.SCHEMA, kind)


def test_the_documented_keys_are_there(trained):
    words = ("train", "birds.csv", "--target", "kind", "--C", "1", "--test", "birds.csv", "--json")
    kinds = {
        "training": strict(trained(*words).stdout),
        "model": strict(trained("inspect", "birds.mlogit", "--json").stdout),
        "evaluation": strict(trained("evaluate", "birds.mlogit", "birds.csv", "--json").stdout),
        "explanation": strict(trained("explain", "birds.mlogit", "birds.csv", "--row", "1", "--json").stdout),
    }
    for of, keys, _ in documents.KEYS:
        for kind in kinds if of == "all" else of.split(", "):
            for key in keys.replace(", ...", "").split(", "):
                if not key.startswith("."):
                    assert key.partition(".")[0] in kinds[kind], (kind, key)


def test_a_training_holds_the_numbers_of_its_model(run):
    document = strict(run("train", "birds.csv", "--target", "kind", "--C", "1", "--json").stdout)
    results = multilogit.load("birds.mlogit")
    coef, intercept = results.model.coefficients()
    np.testing.assert_array_equal(document["coefficients"]["coef"], coef)
    np.testing.assert_array_equal(document["coefficients"]["intercept"], intercept)
    assert document["coefficients"]["terms"] == list(results.model.schema.terms)
    assert document["classes"] == [
        {"class": name, "rows": rows}
        for name, rows in zip(results.classes, results.model.record.class_counts, strict=True)
    ]
    for each in results.model.record.assessment.comparisons:
        assert document["scores"][each.metric]["model"] == each.model
        assert document["scores"][each.metric]["difference"] == each.difference
    assert [each["column"] for each in document["decisions"]] == ["length", "place", "tagged", "kind"]


def test_a_training_and_its_model_say_the_same(run):
    training = strict(run("train", "birds.csv", "--target", "kind", "--C", "1", "--json").stdout)
    model = strict(run("inspect", "birds.mlogit", "--json").stdout)
    assert {name: value for name, value in model.items() if name != "kind"}.items() <= training.items()


def test_the_confusion_counts_the_scored_rows(run):
    document = strict(run("train", "birds.csv", "--target", "kind", "--C", "1", "--json").stdout)
    pairs = document["confusion"]
    assert sum(each["rows"] for each in pairs) == 60
    right = sum(each["rows"] for each in pairs if each["true"] == each["predicted"])
    assert right / 60 == pytest.approx(document["scores"]["accuracy"]["model"], abs=1e-12)


def test_an_infinite_number_is_a_text(run):
    document = strict(run("train", "birds.csv", "--target", "kind", "--C", "inf", "--holdout", "none", "--json").stdout)
    assert document["fit"]["C"] == "inf"
    assert document["scores"] is None


def test_whole_numbers_stay_classes_of_that_type(run):
    Path("d.csv").write_text("x,y\n" + "".join(f"{i % 11},{7 + 3 * (i % 11 > 5)}\n" for i in range(44)))
    document = strict(run("train", "d.csv", "--target", "y", *FAST, "--json").stdout)
    assert [each["class"] for each in document["classes"]] == [7, 10]
    assert document["findings"][0]["code"] == "ML301"


def test_findings_are_told_with_code_reason_and_cure(run):
    Path("d.csv").write_text("x,c,y\n" + "".join(f"{i % 7},1,{'ab'[i % 7 > 3]}\n" for i in range(40)))
    found = run("train", "d.csv", "--target", "y", *FAST, "--json", "--strict")
    assert found.exit_code == 3
    for finding in strict(found.stdout)["findings"]:
        assert finding["code"].startswith("ML")
        assert all(finding[key] for key in ("found", "why", "fix"))


@dataclass(frozen=True)
class Pair:
    a: float
    b: tuple


def test_records_are_objects_and_nothing_is_not_finite():
    text = documents.text("x", {"pair": Pair(math.nan, (math.inf, -math.inf, 0.1)), "names": {1: "größe\n"}})
    assert strict(text) == {
        "schema": documents.SCHEMA,
        "kind": "x",
        "pair": {"a": "nan", "b": ["inf", "-inf", 0.1]},
        "names": {"1": "größe\n"},
    }
