import json
from pathlib import Path

import polars as pl
import pytest
from cli.refusals import nothing_changed, refused
from table.frames import measurements

import multilogit


def test_every_metric_beside_the_classes_shares_alone(trained):
    found = trained("evaluate", "birds.mlogit", "birds.csv")
    lines = found.stdout.splitlines()
    assert found.exit_code == 0
    assert lines[0] == "Scores of birds.mlogit on birds.csv"
    assert lines[1].split()[:4] == ["model", "prior", "only", "difference"]
    for line, expected in zip(lines[2:6], multilogit.load("birds.mlogit").evaluate("birds.csv"), strict=True):
        cells = line[20:].split()
        assert cells[:3] == [f"{expected.model:.4f}", f"{expected.baseline:.4f}", f"{expected.difference:+.4f}"]


def test_the_rows_that_were_fitted_are_told_from_others(trained):
    note = "These are the rows that the model was fitted to"
    assert note in trained("evaluate", "birds.mlogit", "birds.csv").stdout
    pl.DataFrame(measurements(50)).write_csv("other.csv")
    assert note not in trained("evaluate", "birds.mlogit", "other.csv").stdout


def test_the_standard_input_is_a_table(trained):
    file = trained("evaluate", "birds.mlogit", "birds.csv")
    found = trained("evaluate", "birds.mlogit", "-", stdin=Path("birds.csv").read_bytes())
    assert found.exit_code == 0
    assert found.stdout.splitlines()[1:] == file.stdout.splitlines()[1:]


def test_json_holds_the_numbers_of_python(trained):
    found = json.loads(trained("evaluate", "birds.mlogit", "birds.csv", "--json").stdout)
    assert (found["schema"], found["kind"]) == (1, "evaluation")
    for each in multilogit.load("birds.mlogit").evaluate("birds.csv"):
        shown = found["scores"][each.metric]
        assert (shown["model"], shown["baseline"], shown["low"], shown["high"], shown["difference"]) == (
            each.model,
            each.baseline,
            each.low,
            each.high,
            each.difference,
        )


def test_rows_without_a_target_are_left_out(trained):
    table = measurements()
    pl.DataFrame(table | {"kind": [*table["kind"][:40], *[None] * 20]}).write_csv("gaps.csv")
    pl.DataFrame({name: values[:40] for name, values in table.items()}).write_csv("part.csv")
    gaps, part = (trained("evaluate", "birds.mlogit", name).stdout.splitlines() for name in ("gaps.csv", "part.csv"))
    assert gaps[1:6] == part[1:6]
    assert gaps[6:] == ["  Scored 40 rows", "  Left out 20 rows without a target or weight"]


def test_other_separators_and_decimals(trained):
    Path("new.csv").write_text(Path("birds.csv").read_text().replace(",", "|").replace(".", ","))
    words = ("evaluate", "birds.mlogit", "new.csv")
    refused(trained(*words), "expected a number")
    expected = trained("evaluate", "birds.mlogit", "birds.csv").stdout.splitlines()[1:6]
    assert trained(*words, "--decimal", ",").stdout.splitlines()[1:6] == expected


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("length,place,tagged\n1,north,true\n", ["no column 'kind' (the target, without which nothing"]),
        ("length,place,tagged,kind\n1,north,true,\n", ["no row has a value of the target 'kind'"]),
        ("length,place,tagged,kind\n1,north,true,huge\n", ["row 1 holds the class 'huge'", "'low', 'mid', 'top'"]),
        ("place,tagged,kind\nnorth,true,low\n", ["no column 'length' (an input of the model)"]),
        ("length,place,tagged,kind\nfar,north,true,low\n", ["line 2", "'far'; expected a number"]),
        ("", ["new.csv is empty"]),
    ],
)
def test_a_table_that_cannot_be_scored(trained, content, parts):
    Path("new.csv").write_text(content)
    with nothing_changed():
        refused(trained("evaluate", "birds.mlogit", "new.csv"), *parts)
