import re
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli.refusals import refused
from sklearn import datasets

from multilogit import io
from multilogit.table import TableModel

SIZES = {"wine": (178, 13, 3), "iris": (150, 4, 3), "breast_cancer": (569, 30, 2), "digits": (1797, 64, 10)}


@pytest.mark.parametrize("name", [*list(SIZES)[:3], pytest.param("digits", marks=pytest.mark.slow)])
def test_from_raw_rows_to_predictions_without_a_warning(run, name):
    rows, features, classes = SIZES[name]
    found = run("demo", name, "--directory", "out")
    assert found.exit_code == 0
    assert "warning" not in found.stderr
    assert f"  Used {rows:,} of {rows:,} rows\n" in found.stdout
    assert re.search(r"certificate  converged; .*\de-\d\d .*optimum", found.stdout)
    assert "gives the same predictions, bit for bit." in found.stdout
    table = pl.read_csv(f"out/{name}.csv")
    np.testing.assert_array_equal(table[:, :features].to_numpy(), getattr(datasets, f"load_{name}")().data)
    assert len(Path(f"out/{name}.predictions.csv").read_text().splitlines()) == rows + 1
    assert len(io.load(f"out/{name}.mlogit").estimator.classes_) == classes
    assert Path(f"out/{name}.html").read_text().lower().startswith("<!doctype html>")


def test_wine_is_the_default_and_the_directory_is_new_and_told(run):
    found = run("demo")
    folder = Path(re.search(r"(/\S+/multilogit-demo-[^/\s]+)", found.stdout)[1])
    try:
        assert io.load(folder / "wine.mlogit").schema.target == "cultivar"
        assert Path.cwd() != folder, "the demo comes back"
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def test_the_lines_that_it_shows_do_what_it_did(run, monkeypatch):
    shown = run("demo", "iris", "--directory", "out").stdout
    files = {path: path.read_bytes() for path in Path("out").iterdir()}
    commands = [shlex.split(line, comments=True)[1:] for line in shown.splitlines() if line.startswith("$ ")]
    assert [words[:2] for words in commands] == [
        ["cd", "out"],
        ["multilogit", "train"],
        ["multilogit", "predict"],
        ["multilogit", "explain"],
    ]
    origin = Path.cwd()
    monkeypatch.chdir("out")
    answers = [run(*words[1:]) for words in commands[1:]]
    assert [answer.exit_code for answer in answers] == [0, 0, 0]
    assert answers[2].stdout in shown
    monkeypatch.chdir(origin)
    assert {path: path.read_bytes() for path in Path("out").iterdir()} == files


def test_a_model_that_predicts_differently_is_told(run, monkeypatch):
    loads = io.model_file.loads

    def other(data) -> TableModel:
        model = loads(data)
        model.estimator.centred_intercept_[0] += 1e-9
        return model

    monkeypatch.setattr(io.model_file, "loads", other)
    found = run("demo", "iris", "--directory", "out")
    assert found.exit_code == 1
    assert found.stderr.endswith("error: the model read back from its file predicts differently.\n")


def test_a_directory_that_cannot_be(run):
    found = run("demo", "iris", "--directory", "birds.csv")
    refused(found, "error: birds.csv: a file stands where a directory is expected; choose another place.\n")


@pytest.mark.parametrize("name", ["iris.csv", "iris.mlogit", "iris.html", "iris.predictions.csv"])
def test_files_of_another_origin_are_not_replaced(run, name):
    Path("out").mkdir()
    Path("out", name).write_text("mine\n")
    refused(run("demo", "iris", "--directory", "out"), f"{name} exists and is not")
    assert Path("out", name).read_text() == "mine\n"


def test_its_own_files_are_replaced(run):
    for _ in range(2):
        assert run("demo", "iris", "--directory", "out").exit_code == 0
