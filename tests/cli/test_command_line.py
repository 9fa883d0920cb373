import shlex
import subprocess
from pathlib import Path

import pytest

from multilogit.cli.asked import Training
from multilogit.cli.command_line import command, repeated


@pytest.mark.parametrize("name", ["a.csv", "my birds.csv", "-a.csv", "it's.csv", "a\nb.csv", "größe.csv", "$HOME.csv"])
def test_a_shell_reads_the_names_back(name):
    line = command("predict", Path(name)).removeprefix("multilogit ")
    assert "\n" not in line
    words = subprocess.run(["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True, timeout=20).stdout
    command_, path = words.decode().split("\0")[:2]
    assert (command_, Path(path)) == ("predict", Path(name))
    assert not path.startswith("-")


def test_the_standard_input_stays_a_dash():
    assert command("predict", Path("m.mlogit"), Path("-")) == "multilogit predict m.mlogit -"


def test_options_stay_options():
    assert command("explain", Path("m"), "--row", "3") == "multilogit explain m --row 3"


def test_defaults_are_not_repeated():
    asked = Training(Path("d.csv"), "y", Path("d.mlogit"))
    assert repeated(asked) == "multilogit train d.csv --target y -o d.mlogit"


def test_everything_else_is_repeated():
    asked = Training(
        data=Path("d.csv"),
        target="y",
        output=Path("m"),
        columns={"a": "drop", "b c": "text"},
        weights="w",
        groups="g",
        C=float("inf"),
        holdout=0.3,
        seed=7,
        separator="\t",
        decimal=",",
        encoding="latin-1",
        na=("-", "none"),
        ignored=frozenset({"ML301", "ML201"}),
    )
    line = (
        "train d.csv --target y -o m --drop a --text 'b c' --weights w --groups g --C inf --holdout 0.3 --seed 7 "
        "--decimal , --encoding latin-1 --na - --na none --ignore ML201 --ignore ML301"
    )
    words = shlex.split(repeated(asked).replace("$'\\t'", "TAB"))
    assert [*words[: words.index("--separator")], *words[words.index("--separator") + 2 :]] == shlex.split(
        f"multilogit {line}"
    )


def test_the_repeated_command_gives_the_same_model(run):
    Path("d.csv").write_text(Path("birds.csv").read_text().replace(",", ";").replace(".", ","))
    words = ["--decimal", ",", "--drop", "tagged", "--C", "0.5", "--holdout", "0.3", "--seed", "3", "--na", "-"]
    assert run("train", "d.csv", "--target", "kind", *words, "--report", "r.html").exit_code == 0
    model = Path("d.mlogit").read_bytes()
    page = Path("r.html").read_text()
    line = page[page.index("multilogit train ") :].partition("<")[0]
    assert run(*shlex.split(line)[1:]).exit_code == 0
    assert Path("d.mlogit").read_bytes() == model
