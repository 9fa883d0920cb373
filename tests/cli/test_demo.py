import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import datasets

from multilogit import io
from multilogit.table import TableModel

SIZES = {"wine": (178, 13, 3), "iris": (150, 4, 3), "breast_cancer": (569, 30, 2), "digits": (1797, 64, 10)}


@pytest.mark.parametrize("name", SIZES)
def test_from_raw_rows_to_predictions_without_a_warning(run, name):
    rows, features, classes = SIZES[name]
    found = run("demo", name, "--directory", "out")
    assert (found.exit_code, found.stderr) == (0, "")
    assert f": {rows:,} rows, {features + 1} columns\n" in found.stdout
    assert re.search(r"certificate  converged; .*\de-\d\d .*optimum", found.stdout)
    assert "gives the same predictions, bit for bit." in found.stdout
    table = pl.read_csv(f"out/{name}.csv")
    np.testing.assert_array_equal(table[:, :features].to_numpy(), getattr(datasets, f"load_{name}")().data)
    assert len(Path(f"out/{name}.predictions.csv").read_text().splitlines()) == rows + 1
    assert len(io.load(f"out/{name}.multilogit").estimator.classes_) == classes


def test_wine_is_the_default_and_the_directory_is_new_and_told(run):
    found = run("demo")
    path = Path(re.search(r"Wrote (\S+wine\.multilogit) ", found.stdout)[1])
    try:
        assert path.parent.name.startswith("multilogit-demo-")
        assert io.load(path).schema.target == "cultivar"
    finally:
        for file in path.parent.iterdir():
            file.unlink()
        path.parent.rmdir()


def test_the_lines_that_it_shows_do_what_it_did(run):
    shown = run("demo", "iris", "--directory", "out").stdout
    files = {path: path.read_bytes() for path in Path("out").iterdir()}
    commands = [line.removeprefix("$ multilogit ").split() for line in shown.splitlines() if line.startswith("$ ")]
    assert [words[0] for words in commands] == ["train", "predict"]
    for words in commands:
        assert run(*words).exit_code == 0
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
    assert found.stderr == "error: the model read back from its file predicts differently.\n"


def test_a_directory_that_cannot_be(run):
    found = run("demo", "iris", "--directory", "birds.csv")
    assert found.exit_code == 1
    assert found.stderr == ("error: birds.csv: a file stands where a directory is expected; choose another place.\n")


@pytest.mark.parametrize("name", ["iris.csv", "iris.multilogit", "iris.predictions.csv"])
def test_files_of_another_origin_are_not_replaced(run, name):
    Path("out").mkdir()
    Path("out", name).write_text("mine\n")
    found = run("demo", "iris", "--directory", "out")
    assert found.exit_code == 1
    assert f"{name} exists and is not" in found.stderr
    assert [path.name for path in Path("out").iterdir()] == [name]
    assert Path("out", name).read_text() == "mine\n"
    Path("out", name).unlink()
    assert run("demo", "iris", "--directory", "out").exit_code == 0
    assert run("demo", "iris", "--directory", "out").exit_code == 0, "its own files are replaced"
