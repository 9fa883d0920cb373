import numpy as np
import pytest
from report.examples import birds, fitted

import multilogit
from multilogit.inference import Comparison
from multilogit.report import wording
from multilogit.table.train import Trained


@pytest.fixture(scope="module")
def results():
    return fitted()


@pytest.mark.parametrize(
    ("value", "text"), [(3, "3"), (3.0, "3"), (0.5, "0.5"), (True, "true"), (False, "false"), ("a b", "a b")]
)
def test_classes_as_texts(value, text):
    assert wording.label(value) == text


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (float("inf"), "inf"), (1e-7, "1e-07"), (2.5, "2.5")])
def test_numbers_as_texts(value, text):
    assert wording.number(value) == text


def test_the_rows_and_the_classes(results):
    counts = dict(zip(results.classes, results.model.record.class_counts, strict=True))
    told = list(wording.rows(results))
    assert told[0] == "Used 200 of 200 rows"
    assert told[-1] == "Classes of kind: " + ", ".join(f"{name} {count}" for name, count in counts.items())


def test_of_many_classes_the_first_are_told():
    kinds = [f"class {row % 25}" for row in range(200)]
    told = list(wording.rows(multilogit.fit(birds(kind=kinds), "kind", C=1.0, holdout="none")))
    assert told[-1].endswith(" and 5 more")


def test_of_many_numbers_the_first_and_last_columns_are_told():
    generator = np.random.default_rng(0)
    more = {f"x{j}": generator.normal(size=200) for j in range(30)}
    names = [name for name, _ in wording.columns(multilogit.fit(birds(**more), "kind", C=1.0, holdout="none"))]
    assert names == ["length", "...", "place", "tagged", "x29"]


def test_metrics_beside_the_baseline():
    table = wording.scores((Comparison("log_loss", 0.5, 0.75, -0.4, -0.125),))
    assert table.rows == (("log loss", "0.5000", "0.7500", "-0.2500", "-0.4000 to -0.1250"),)
    assert len(table.header) == 5


def test_changes_are_in_percentage_points_and_add_up_to_none(results):
    table = wording.effects(results, results.model.record.effects, 20)
    assert table.header == ("", "change", *results.classes)
    for row, effect in zip(table.rows, results.model.record.effects, strict=True):
        assert row[:2] == (effect.column, effect.contrast)
        assert sum(map(float, row[2:])) == pytest.approx(0.0, abs=0.2)


def test_of_many_classes_the_largest_are_shown_in_their_order(results):
    counts = np.array(results.model.record.class_counts)
    assert wording.largest_classes(results, 2) == sorted(np.argsort(-counts)[:2].tolist())
    assert wording.largest_classes(results, 9) == [0, 1, 2]


def test_the_fit_in_words(results):
    told = dict(wording.fit(results))
    assert told["model"].startswith("softmax regression, 3 classes, 5 terms, L2 penalty with C = 1")
    assert told["certificate"] == results.certificate.verdict()
    free = dict(wording.fit(fitted(C=float("inf"), holdout="none")))
    assert "no penalty" in free["model"]


def test_what_was_scored_and_how(results):
    assert wording.how_scored(results.model.record.assessment).startswith("Scores by 5-fold cross-validation on 200 ")
    held = fitted(holdout=0.25).model.record.assessment
    assert wording.how_scored(held) == f"Scores on {held.rows} rows held out, by a fit to the others"


def test_the_certificate_in_words(results):
    told = dict(wording.certificate(results))
    assert list(told) == ["status", "objective", "gradient", "rank", "condition"]
    assert f"{results.certificate.objective:.10g}" in told["objective"]


def test_words_need_no_rows(results, tmp_path):
    results.save(tmp_path / "m")
    loaded: Trained = multilogit.load(tmp_path / "m")
    for tell in (wording.rows, wording.columns, wording.fit, wording.certificate):
        assert list(tell(loaded)) == list(tell(results))
