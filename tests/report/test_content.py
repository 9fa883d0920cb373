"""What the page says, and in which order."""

import math

import numpy as np
import polars as pl
import pytest
from report.examples import birds, fitted, noise
from report.pages import anchors, faults

import multilogit
from multilogit import report
from multilogit.report.content import sections, verdict

ORDER = [
    "findings", "data", "target", "model", "metrics", "reliability", "confusion", "coefficients", "effects", "rows",
    "reproduce",
]  # fmt: skip


def section(results, anchor, command=""):
    return next(each for each in sections(results, command) if each.anchor == anchor)


def cells(results, anchor):
    return {row[0]: row[1:] for table in section(results, anchor).tables for row in table.rows}


@pytest.fixture(scope="module")
def results():
    return fitted()


def test_the_order_of_the_sections(results):
    assert [each.anchor for each in sections(results, "")] == ORDER
    assert anchors(report.render(results)) == ORDER


def test_what_cannot_be_known_is_left_out():
    unscored = fitted(holdout="none")
    gone = {"reliability", "confusion", "rows"}
    assert [each.anchor for each in sections(unscored, "")] == [each for each in ORDER if each not in gone]


def test_every_figure_has_a_sentence_above_it(results):
    def walk(found):
        for each in found:
            yield each
            yield from walk(each.parts)

    shown = [each for each in walk(sections(results, "")) if each.figure is not None]
    assert len(shown) >= 6
    assert all(each.sentences and each.figure.alt.strip() for each in shown)


def test_the_verdict_on_a_model_that_is_better(results):
    first, worth, *_ = verdict(results)
    assert first.startswith("Better than knowing the classes' shares alone")
    loss = results.model.record.assessment.metric("log_loss")
    assert loss.high < 0
    assert f"{loss.model:.4f}" in worth
    assert f"{loss.low:+.4f} to {loss.high:+.4f}" in worth


def test_the_verdict_on_a_model_that_is_not_better():
    useless = multilogit.fit(noise(), "kind", C=1.0)
    assert useless.model.record.assessment.metric("log_loss").high > 0
    first, *others = verdict(useless)
    assert first.startswith("Do not use it")
    assert any(each.startswith("ML401: ") for each in others)
    assert first in report.render(useless).replace("&#39;", "'")


def test_the_verdict_on_a_model_that_nothing_scored():
    first = verdict(fitted(holdout="none"))[0]
    assert first == "Nothing is known about rows that the model has not seen: none were held out."


def test_without_findings_the_verdict_says_so():
    generator = np.random.default_rng(0)
    x = generator.normal(size=600)
    table = {"x": x, "kind": np.where(x + generator.logistic(size=600) > 0, "a", "b")}
    clean = multilogit.fit(pl.DataFrame(table), "kind", C=1.0)
    assert clean.findings == ()
    assert "no check speaks against it" in verdict(clean)[0]
    assert "None of the checks" in section(clean, "findings").sentences[0]


def test_findings_stand_with_their_code_reason_and_remedy():
    results = multilogit.fit(birds(same=[1] * 200), "kind", C=1.0)
    rows = cells(results, "findings")
    assert {each.code: (each.found, each.why, each.fix) for each in results.findings} == rows
    assert "ML101" in rows


def test_every_column_and_what_was_done_to_it(results):
    rows = cells(results, "data")
    assert [rows[name][0] for name in ("length", "place", "tagged", "kind")] == [
        "numeric", "categorical", "boolean", "target",
    ]  # fmt: skip
    assert "standardised" in rows["length"][1]


def test_rows_that_were_left_out_are_counted():
    kinds = birds()["kind"].to_list()
    results = multilogit.fit(birds(kind=[None, None, *kinds[2:]]), "kind", C=1.0)
    told = " ".join(section(results, "data").sentences)
    assert "200 rows, of which 198 were fitted" in told
    assert "Left out: 2 rows with no target" in told


def test_the_classes_and_their_shares(results):
    counts = dict(zip(results.classes, results.model.record.class_counts, strict=True))
    rows = cells(results, "target")
    assert {name: (f"{count:,}", f"{count / 200:.1%}") for name, count in counts.items()} == rows
    assert list(rows) == sorted(counts, key=lambda name: -counts[name])


def test_coefficients_are_in_the_units_of_the_table(results):
    coef, intercept = results.model.coefficients()
    rows = cells(results, "coefficients")
    place = results.model.schema.terms.index("length")
    assert rows["length"] == tuple(f"{value:.4g}" for value in coef[:, place])
    assert rows["intercept"] == tuple(f"{value:.4g}" for value in intercept)


def test_the_choice_of_C_is_told(results):
    told = section(fitted(C="auto"), "model").sentences
    assert any("best of 20 values" in each or "best of 25 values" in each for each in told)
    assert not any("best of" in each for each in section(results, "model").sentences)


def test_rows_to_look_at_are_wrong_or_in_doubt(results):
    parts = section(results, "rows").parts
    assert [each.title.split(": ")[1] for each in parts] == ["wrong, and sure of it"] * 3 + ["in doubt"] * 3
    table = birds()
    for each in parts:
        number = int(each.anchor.removeprefix("row-"))
        assert f"Row {number} is {table['kind'][number - 1]};" in each.sentences[0]


def run(code, folder, monkeypatch, **names):
    monkeypatch.chdir(folder)
    namespace = dict(names)
    exec(code, namespace)
    return namespace["results"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"C": 0.5, "holdout": "cv", "random_state": 7},
        {"C": math.inf, "reference": {"place": "west"}, "holdout": 0.25},
        {"C": 2.0, "columns": {"place": "drop", "tagged": "categorical"}, "holdout": "none"},
        {"C": 1.0, "weights": "length", "groups": "place", "holdout": "none"},
    ],
    ids=str,
)
def test_the_code_to_reproduce_it_gives_the_same_coefficients(tmp_path, monkeypatch, options):
    birds().write_csv(tmp_path / "a bird's table.csv")
    first = multilogit.fit(tmp_path / "a bird's table.csv", "kind", **options)
    again = run(section(first, "reproduce").code, tmp_path, monkeypatch)
    np.testing.assert_array_equal(again.model.estimator.coef_, first.model.estimator.coef_, strict=True)
    assert again.model.record == first.model.record


@pytest.mark.parametrize("columns", [None, {"tagged": "categorical"}])
def test_the_code_to_reproduce_a_formula(tmp_path, monkeypatch, columns):
    birds().write_csv(tmp_path / "birds.csv")
    first = multilogit.fit("kind ~ length * tagged", tmp_path / "birds.csv", C=1.0, holdout="none", columns=columns)
    again = run(section(first, "reproduce").code, tmp_path, monkeypatch)
    assert again.model.schema == first.model.schema
    np.testing.assert_array_equal(again.model.estimator.coef_, first.model.estimator.coef_, strict=True)


def test_the_code_to_reproduce_a_table_in_memory(results, tmp_path, monkeypatch):
    code = section(results, "reproduce").code
    assert "multilogit.fit(table, 'kind', C=1.0)" in code
    again = run(code, tmp_path, monkeypatch, table=birds())
    np.testing.assert_array_equal(again.model.estimator.coef_, results.model.estimator.coef_, strict=True)


def test_the_data_and_the_versions_are_named(results):
    rows = cells(results, "reproduce")
    assert rows["SHA-256 of the data"] == (results.model.record.source.sha256,)
    assert rows["multilogit"][0].startswith(multilogit.__version__)
    assert "numpy" in rows
    assert "command" not in rows
    assert ("command", "multilogit train x") in section(results, "reproduce", "multilogit train x").tables[0].rows


def test_a_model_from_a_file_tells_what_it_can(tmp_path, results):
    results.save(tmp_path / "m.mlogit")
    loaded = multilogit.load(tmp_path / "m.mlogit")
    assert [each.anchor for each in sections(loaded, "")] == [e for e in ORDER if e != "confusion"]
    assert verdict(loaded) == verdict(results)
    loaded.report(tmp_path / "page.html")
    assert faults((tmp_path / "page.html").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("labels", [(0, 1), (False, True), ("n", "y")])
def test_two_classes(labels):
    kinds = [labels[kind == "top"] for kind in birds()["kind"].to_list()]
    results = multilogit.fit(birds(kind=kinds), "kind", C=1.0)
    names = [report.wording.label(each) for each in labels]
    assert section(results, "coefficients").tables[0].header[1:] == (f"{names[1]} against {names[0]}",)
    assert faults(report.render(results)) == []
