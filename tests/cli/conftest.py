"""A command line in an empty directory, with one table of every kind of column."""

import polars as pl
import pytest
from table.frames import measurements
from typer.testing import CliRunner

from multilogit.cli.app import app


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in its own directory; its exit code, standard output and standard error come back."""
    monkeypatch.chdir(tmp_path)
    pl.DataFrame(measurements()).write_csv("birds.csv")
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def trained(run):
    """The same, after a model was trained into birds.multilogit."""
    assert run("train", "birds.csv", "--target", "kind").exit_code == 0
    return run
