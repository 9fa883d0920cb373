import json
import math
import re
from pathlib import Path

import polars as pl
import pytest
from cli.refusals import nothing_changed, refused

import multilogit

EXPLAIN = ("explain", "birds.mlogit", "birds.csv", "--row")


def explained(run, *words):
    return json.loads(run(*EXPLAIN, *words, "--json").stdout)


def test_the_parts_add_up_to_the_log_odds(trained):
    found = trained(*EXPLAIN, "3")
    lines = found.stdout.splitlines()
    assert (found.exit_code, found.stderr) == (0, "")
    assert lines[0].startswith("Row 3: top (")
    parts = {line.rsplit(maxsplit=1)[0].strip(): float(line.split()[-1]) for line in lines[2:]}
    assert sum(value for name, value in parts.items() if name != "sum") == pytest.approx(parts["sum"], abs=3e-4)


@pytest.mark.parametrize("row", [1, 17, 60])
def test_rows_are_counted_from_1_after_the_header(trained, row):
    line = trained("predict", "birds.mlogit", "birds.csv").stdout.splitlines()[row].split(",")
    found = explained(trained, str(row))
    assert (found["row"], found["predicted"]) == (row, line[0])
    probabilities = {each["class"]: each["p"] for each in found["probabilities"]}
    assert [probabilities[name] for name in ("low", "mid", "top")] == [float(cell) for cell in line[1:]]


def test_the_log_odds_are_those_of_the_probabilities(trained):
    found = explained(trained, "2")
    p = {each["class"]: each["p"] for each in found["probabilities"]}
    assert found["log_odds"] == pytest.approx(math.log(p[found["predicted"]] / p[found["against"]]), rel=1e-12)
    assert found["log_odds"] == math.fsum(part["log_odds"] for part in found["parts"])


def test_json_holds_the_numbers_of_python(trained):
    found = explained(trained, "3", "--vs", "low")
    assert (found["schema"], found["kind"], found["against"]) == (1, "explanation", "low")
    direct = multilogit.load("birds.mlogit").explain(pl.read_csv("birds.csv")[2], vs="low")
    assert found["log_odds"] == direct.log_odds
    assert found["parts"] == [{"label": part.label, "log_odds": part.log_odds} for part in direct.parts]


def test_against_a_class_that_is_named(trained):
    assert "rather than low (" in trained(*EXPLAIN, "3", "--vs", "low").stdout
    assert "rather than mid (" in trained(*EXPLAIN, "3").stdout, "the runner-up"


def test_a_class_that_is_a_number_is_named_by_its_text(run):
    Path("d.csv").write_text("x,y\n" + "".join(f"{i % 11},{7 + 3 * (i % 11 > 5)}\n" for i in range(44)))
    run("train", "d.csv", "--target", "y", "--holdout", "none", "--C", "1")
    assert "Row 1: 7 (" in run("explain", "d.mlogit", "d.csv", "--row", "1", "--vs", "10").stdout


def test_many_small_parts_are_one(run):
    names = [f"x{j}" for j in range(30)]
    rows = "".join(",".join(str((i * (j + 3)) % 17) for j in range(30)) + f",{'ab'[i % 2]}\n" for i in range(60))
    Path("d.csv").write_text(f"{','.join(names)},y\n{rows}")
    run("train", "d.csv", "--target", "y", "--holdout", "none", "--C", "1")
    lines = run("explain", "d.mlogit", "d.csv", "--row", "1").stdout.splitlines()
    assert len(lines) == 2 + 12 + 2
    assert re.fullmatch(r"  all other \(1\d\) +[-+]0\.\d{4}", lines[-2])


def test_the_words_of_a_text_are_parts(run):
    texts = ["a red and big bird", "a blue and small bird", "some red thing flies", "one blue thing sits"]
    Path("d.csv").write_text("t,y\n" + "".join(f"{texts[i % 4]} {i},{'ab'[i % 2]}\n" for i in range(40)))
    run("train", "d.csv", "--target", "y", "--text", "t", "--holdout", "none", "--C", "1")
    assert "  t: red " in run("explain", "d.mlogit", "d.csv", "--row", "1").stdout


def test_the_standard_input_is_a_table(trained):
    found = trained("explain", "birds.mlogit", "-", "--row", "3", stdin=Path("birds.csv").read_bytes())
    assert found.stdout == trained(*EXPLAIN, "3").stdout


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("61",), ["there is no row 61; the table has 60 rows."]),
        (("1", "--vs", "huge"), ["there is no class 'huge'; the classes are 'low', 'mid', 'top'."]),
        (("3", "--vs", "top"), ["the row is predicted to be top itself; name another class"]),
    ],
)
def test_what_cannot_be_explained(trained, words, parts):
    with nothing_changed():
        refused(trained(*EXPLAIN, *words), *parts)


@pytest.mark.parametrize("row", ["0", "-1", "one", "1.5"])
def test_a_row_is_a_whole_number_from_1(trained, row):
    assert trained(*EXPLAIN, row).exit_code == 2


def test_a_row_is_needed(trained):
    assert trained("explain", "birds.mlogit", "birds.csv").exit_code == 2
