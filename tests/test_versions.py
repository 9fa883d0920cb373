"""`show_versions`: what a report of a problem needs."""

import re
import sys

import multilogit
from multilogit import _kernels
from multilogit._versions import versions


def test_the_table_names_kernels_threads_and_packages(monkeypatch):
    monkeypatch.setenv("MULTILOGIT_NUM_THREADS", "3")
    table = versions()
    assert table["multilogit"] == multilogit.__version__
    assert table["kernels"] == _kernels.core
    expected = _kernels.level() or "none"
    assert table["level"].split(" (")[0] == expected
    assert all(name in table["level"] for name in _kernels.levels())
    assert re.fullmatch(r"3 of \d+ available cores", table["threads"])
    assert sys.executable in table["python"]
    for package in ("numpy", "scipy", "scikit-learn", "safetensors", "typer", "rich", "polars"):
        assert re.match(r"\d+\.\d+", table[package]), package
    assert "threads" in table["BLAS 1"]


def test_a_bad_environment_is_shown_not_raised(monkeypatch):
    monkeypatch.setenv("MULTILOGIT_NUM_THREADS", "many")
    assert "must be a positive integer" in versions()["threads"]


def test_a_missing_package_is_shown_as_missing(monkeypatch):
    monkeypatch.setattr("multilogit._versions.OPTIONAL_PACKAGES", ("no-such-package-anywhere",))
    assert versions()["no-such-package-anywhere"] == "not installed"


def test_one_line_per_entry(capsys):
    multilogit.show_versions()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(versions())
    assert lines[0].split() == ["multilogit", multilogit.__version__]
