import os
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec

import pytest

from multilogit.cli import entry

HEAVY = ("polars", "rich", "sklearn", "scipy", "numpy")


def python(*words):
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("absent", [("typer",), ("typer", "rich", "polars")])
def test_without_the_extra_one_line_says_what_to_install(monkeypatch, capsys, absent):
    monkeypatch.setattr(entry, "find_spec", lambda name: None if name in absent else find_spec(name))
    monkeypatch.setattr(sys, "argv", ["multilogit", "demo"])
    with pytest.raises(SystemExit) as exit_:
        entry.main()
    assert str(exit_.value).endswith("Run: pip install 'multilogit[cli]'")
    assert "\n" not in str(exit_.value)
    assert all(name in str(exit_.value) for name in absent)


def test_that_line_goes_to_the_standard_error_with_exit_code_1():
    code = "import multilogit.cli.entry as entry; entry.find_spec = lambda name: None; entry.main()"
    found = python("-c", code)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.count("\n") == 1


def test_python_dash_m_and_the_version():
    found = python("-m", "multilogit", "--version")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == f"multilogit {metadata.version('multilogit')}\n"


def test_the_list_of_commands_loads_nothing_heavy():
    code = f"import multilogit.cli.app, sys; print([name for name in {HEAVY} if name in sys.modules])"
    assert python("-c", code).stdout == "[]\n"


def test_names_beyond_the_letters_of_the_terminal_are_escaped(tmp_path):
    (tmp_path / "d.csv").write_text("größe,y\n1,a\n2,b\n3,a\n4,b\n", encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-m", "multilogit", "train", "d.csv", "--target", "y"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert "  gr\\xf6\\xdfe  numeric\n" in found.stdout


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fit",),
        ("train",),
        ("train", "birds.csv"),
        ("train", "birds.csv", "--target", "kind", "--c", "1"),
        ("train", "birds.csv", "--target", "kind", "--C", "0"),
        ("train", "birds.csv", "--target", "kind", "--C", "nan"),
        ("train", "birds.csv", "--target", "kind", "--C", "one"),
        ("train", "birds.csv", "--target", "kind", "--holdout", "1"),
        ("train", "birds.csv", "--target", "kind", "--seed", "-1"),
        ("predict", "m.multilogit"),
        ("demo", "boston"),
    ],
)
def test_faults_of_the_command_line_exit_with_2(run, words):
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--C", "one"), "expected a number > 0, or inf, got 'one'."),
        (("--C", "0"), "expected a number > 0, or inf, got '0'."),
        (("--holdout", "1"), "expected a number from 0 to 0.9, got '1'."),
        (("--seed", "1.5"), "expected a whole number from 0 to 4294967295, got '1.5'."),
    ],
)
def test_a_value_that_an_option_cannot_take(run, words, sentence):
    found = run("train", "birds.csv", "--target", "kind", *words)
    assert sentence in " ".join(found.stderr.replace("│", " ").split())


def test_a_demo_that_does_not_exist(run):
    found = " ".join(run("demo", "boston").stderr.replace("│", " ").split())
    assert "expected one of wine, iris, digits, breast_cancer, got 'boston'." in found


@pytest.mark.parametrize("command", ["train", "predict", "inspect", "demo"])
def test_every_command_has_help(run, command):
    found = run(command, "--help")
    assert found.exit_code == 0
    assert "Usage: " in found.stdout
