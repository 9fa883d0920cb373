import os
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec

import pytest

from multilogit.cli import entry

HEAVY = ("polars", "rich", "sklearn", "scipy", "numpy", "matplotlib", "jinja2")
COMMANDS = ("train", "predict", "evaluate", "explain", "inspect", "demo")
TRAIN = ("train", "birds.csv", "--target", "kind")


def python(*words):
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("absent", [("typer",), ("typer", "rich", "polars"), ("jinja2", "matplotlib")])
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
        [sys.executable, "-m", "multilogit", "train", "d.csv", "--target", "y", "--C", "1", "--holdout", "none"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert "  gr\\xf6\\xdfe  numeric" in found.stdout


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fit",),
        ("train",),
        ("train", "birds.csv"),
        ("predict", "m.mlogit"),
        ("evaluate", "m.mlogit"),
        ("explain", "m.mlogit", "birds.csv"),
        ("inspect",),
        ("demo", "boston"),
        *(
            (*TRAIN, *options)
            for options in (
                ("--c", "1"),
                ("--C", "0"),
                ("--C", "-1"),
                ("--C", "nan"),
                ("--C", "one"),
                ("--holdout", "0"),
                ("--holdout", "1"),
                ("--holdout", "nan"),
                ("--holdout", "half"),
                ("--seed", "-1"),
                ("--seed", "4294967296"),
                ("--exclude", "place"),
                ("--target",),
            )
        ),
    ],
    ids=" ".join,
)
def test_faults_of_the_command_line_exit_with_2(run, words):
    found = run(*words)
    assert found.exit_code == 2
    assert "Traceback" not in found.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--C", "one"), "expected auto, inf or a number > 0, got 'one'."),
        (("--C", "0"), "expected auto, inf or a number > 0, got '0'."),
        (("--holdout", "1"), "expected auto, cv, none or a number up to 0.9, got '1'."),
        (("--seed", "1.5"), "expected a whole number from 0 to 4294967295, got '1.5'."),
    ],
)
def test_a_value_that_an_option_cannot_take(run, words, sentence):
    assert sentence in said(run(*TRAIN, *words))


def test_a_demo_that_does_not_exist(run):
    assert "expected one of wine, iris, digits, breast_cancer, got 'boston'." in said(run("demo", "boston"))


def said(found):
    """Return what stands in the frame of an error of the command line, as one line."""
    return " ".join(found.stderr.replace("│", " ").split())


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run, command, option):
    found = run(command, option)
    assert found.exit_code == 0
    assert "Usage: " in found.stdout


def test_the_help_lists_the_commands(run):
    text = run("--help").stdout
    assert all(f" {command} " in text for command in COMMANDS)
