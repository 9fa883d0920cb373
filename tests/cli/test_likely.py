import shlex
from pathlib import Path

import polars as pl
import pytest
from cli.refusals import nothing_changed, refused
from table.frames import measurements

from multilogit.cli import likely
from multilogit.table.columns import read_columns


def likely_targets(table):
    return likely._likely(read_columns(pl.DataFrame(table)))


def test_without_a_target_the_columns_are_listed_and_targets_proposed(run):
    with nothing_changed():
        found = run("train", "birds.csv")
    assert found.exit_code == 2
    assert found.stdout == (
        "birds.csv: 60 rows, 4 columns\n"
        "  length  numeric: numbers\n"
        "  place   categorical: 3 levels\n"
        "  tagged  boolean: true and false\n"
        "  kind    categorical: 3 levels\n"
    )
    assert found.stderr.startswith("error: no target was named.\nLikely targets: ")
    assert "length" not in found.stderr


def test_the_example_works(run):
    Path("my birds.csv").write_bytes(Path("birds.csv").read_bytes())
    example = run("train", "my birds.csv").stderr.rpartition("For example: multilogit ")[2]
    assert run(*shlex.split(example), "--holdout", "none", "--C", "1").exit_code == 0


def test_the_standard_input_is_a_table(run):
    found = run("train", "-", stdin=Path("birds.csv").read_bytes())
    assert found.exit_code == 2
    assert "For example: multilogit train - --target " in found.stderr


def test_texts_come_before_numbers_complete_columns_first_and_few_classes_first():
    rows = 40
    table = {
        "code": [i % 3 for i in range(rows)],
        "gap": [None, *["a", "b", "c"] * 13],
        "many": [f"m{i % 6}" for i in range(rows)],
        "few": ["a", "b"] * 20,
    }
    assert likely_targets(table) == ["few", "many", "gap", "code"]


def test_columns_that_cannot_be_targets_are_not_proposed():
    table = {
        "constant": [1] * 40,
        "measure": [i + 0.5 for i in range(40)],
        "id": [f"id {i}" for i in range(40)],
        "day": [f"2020-01-{i % 20 + 1:02d}" for i in range(40)],
        "empty": [None] * 40,
    }
    assert likely_targets(table) == []
    assert likely_targets(measurements() | {"constant": ["a"] * 60}) == ["tagged", "place", "kind"]


def test_a_table_without_a_likely_target_gets_no_example(run):
    Path("d.csv").write_text("x\n" + "".join(f"{i}.5\n" for i in range(30)))
    found = run("train", "d.csv")
    assert (found.exit_code, found.stderr) == (2, "error: no target was named.\n")


@pytest.mark.parametrize("content", ["", "x,y\n", "x,y\n1\n", "x,x\n1,2\n"])
def test_a_table_that_cannot_be_read_is_an_error(run, content):
    Path("d.csv").write_text(content)
    with nothing_changed():
        refused(run("train", "d.csv"), "d.csv")
