from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["tab", "\\t", "\t"])
def test_names_of_the_tab(run, name):
    Path("data.tsv").write_text(Path("birds.csv").read_text().replace(",", "\t"))
    found = run("train", "data.tsv", "--target", "kind", "--separator", name, "--C", "1", "--holdout", "none")
    assert found.exit_code == 0


@pytest.mark.parametrize("command", ["train", "predict", "evaluate", "explain"])
@pytest.mark.parametrize(
    ("option", "value", "part"),
    [
        *(("--separator", text, "expected one character") for text in ("", "ab", '"', "\n", "\r")),
        *(("--decimal", text, "expected '.' or ','") for text in ("", ";", ".,")),
    ],
)
def test_what_is_no_separator_and_no_decimal_mark_is_wrong_usage(run, command, option, value, part):
    found = run(command, *["birds.csv"] * (1 + (command != "train")), option, value)
    assert found.exit_code == 2
    assert part in found.stderr
