import hashlib
import json
import re
from pathlib import Path

import numpy as np
import polars as pl

import multilogit
from multilogit import io

FAST = ("--holdout", "none", "--C", "1")


def test_everything_in_words(trained):
    found = trained("inspect", "birds.mlogit")
    assert (found.exit_code, found.stderr) == (0, "")
    text = found.stdout
    assert text.startswith("birds.mlogit: softmax regression for kind\n")
    assert re.search(r"  file +[\d,]+ bytes, last changed \d{4}-\d\d-\d\d \d\d:\d\d .*; its checksum agrees\n", text)
    assert re.search(r"  written by +multilogit \S+, python \S+, numpy \S+, scikit-learn \S+\n", text)
    assert f"birds.csv, SHA-256 {hashlib.sha256(Path('birds.csv').read_bytes()).hexdigest()}" in text
    assert "Used 60 of 60 rows" in text
    assert "place   categorical, 3 levels: north, south, west" in text
    assert "empty values and NA, N/A" in text
    assert "status       converged:" in text
    assert re.search(r"  rank +4 of 5; depend on the others: place=.* \(harmless with a penalty\)\n", text)
    assert "Scores by 5-fold cross-validation on 60 rows" in text


def test_coefficients_are_in_the_units_of_the_table(trained):
    coef, intercept = io.load("birds.mlogit").coefficients()
    lines = trained("inspect", "birds.mlogit").stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Coefficients"))
    assert lines[start + 1].split() == ["low", "mid", "top"]
    cells = [line.split() for line in lines[start + 2 :]]
    assert [row[0] for row in cells] == ["intercept", "length", "place=north", "place=south", "place=west", "tagged"]
    assert cells[0][1:] == [f"{value:.6g}" for value in intercept]
    for row, values in zip(cells[1:], coef.T, strict=True):
        assert row[1:] == [f"{value:.6g}" for value in values]


def test_scores_and_findings_are_those_of_the_training(run):
    Path("d.csv").write_text("x,y\n" + "".join(f"{i % 7},{'ab'[i % 7 > 3]}\n" for i in range(40)))
    trained = run("train", "d.csv", "--target", "y").stdout
    text = run("inspect", "d.mlogit").stdout
    scores = trained[trained.index("  log loss") : trained.index("  The final model")]
    assert scores in text
    finding = next(line for line in trained.splitlines() if line.startswith("  ML301"))
    assert finding in text


def test_two_classes_have_one_column(run):
    Path("d.csv").write_text("x,y\n" + "".join(f"{i % 7},{'ab'[i % 7 > 3]}\n" for i in range(40)))
    run("train", "d.csv", "--target", "y", *FAST)
    text = run("inspect", "d.mlogit").stdout
    assert "Coefficients: log-odds of b against a, per unit of the column\n" in text
    assert "Scores" not in text


def test_many_terms_are_cut_with_a_sentence(run):
    table = {f"x{i}": [float((row * (i + 3)) % 47) for row in range(60)] for i in range(40)}
    pl.DataFrame(table | {"y": [f"c{row % 10}" for row in range(60)]}).write_csv("wide.csv")
    run("train", "wide.csv", "--target", "y", *FAST)
    text = run("inspect", "wide.mlogit").stdout
    assert "These are the first 30 of 40 terms and 8 of 10 classes; --all shows every one." in text
    assert "  x39" not in text[text.index("Coefficients") :]
    everything = run("inspect", "wide.mlogit", "--all").stdout
    assert "  x39" in everything[everything.index("Coefficients") :]
    assert "c9" in everything[everything.index("Coefficients") :]
    assert "--all" not in everything


def test_json_holds_the_model_to_the_last_bit(trained):
    found = json.loads(trained("inspect", "birds.mlogit", "--json").stdout)
    results = multilogit.load("birds.mlogit")
    coef, intercept = results.model.coefficients()
    assert (found["schema"], found["kind"], found["target"]) == (1, "model", "kind")
    assert [each["class"] for each in found["classes"]] == list(results.classes)
    np.testing.assert_array_equal(found["coefficients"]["coef"], coef)
    np.testing.assert_array_equal(found["coefficients"]["intercept"], intercept)
    np.testing.assert_array_equal(found["coefficients"]["standardised_coef"], results.model.estimator.coef_)
    assert found["fit"]["C"] == results.model.estimator.C
