"""A command line in an empty directory, with one table of every kind of column."""

from pathlib import Path

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
    return lambda *words, stdin=None: runner.invoke(app, list(map(str, words)), input=stdin, catch_exceptions=False)


@pytest.fixture(scope="session")
def birds_model(tmp_path_factory):
    """The bytes of the model of that table."""
    folder = tmp_path_factory.mktemp("birds")
    pl.DataFrame(measurements()).write_csv(folder / "birds.csv")
    words = ["train", str(folder / "birds.csv"), "--target", "kind", "-o", str(folder / "birds.mlogit")]
    assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
    return (folder / "birds.mlogit").read_bytes()


@pytest.fixture
def trained(run, birds_model):
    """The same, where the model stands in birds.mlogit."""
    Path("birds.mlogit").write_bytes(birds_model)
    return run
