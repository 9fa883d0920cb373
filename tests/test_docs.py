"""The pages that are made from the code say what the code says."""

import re
from pathlib import Path

from docs import generate
from typer.testing import CliRunner

from multilogit.cli.app import app

README = Path(__file__).resolve().parents[1] / "README.md"
NUMBER = re.compile(r"[-+]?\d[\d,.]*(e[-+]?\d+)?")


def test_the_page_of_the_command_line_is_up_to_date():
    assert generate.PAGE.read_text(encoding="utf-8") == generate.page(), "run: make docs"


def shape(text):
    """A text without its numbers, which differ in the last digits from one machine to another, and without spaces."""
    return [" ".join(NUMBER.sub("#", line).split()) for line in text.splitlines() if line.strip()]


def test_the_readme_shows_what_the_demo_prints(tmp_path):
    printed = CliRunner().invoke(app, ["demo", "wine", "--directory", str(tmp_path)]).stdout
    shown = re.search(r"```text\n(\$ multilogit train.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    expected = iter(shape(printed))
    missing = [line for line in shape(shown) if line != "..." and line not in expected]
    assert not missing
