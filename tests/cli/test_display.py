import pytest

from multilogit.cli import display
from multilogit.report import Section, Table, plain


def test_columns_are_aligned_by_what_a_terminal_shows(capsys):
    display.table([["日本", "1"], ["a", "10"]], numeric=True)
    assert capsys.readouterr().out == "  日本   1\n  a     10\n"


@pytest.mark.parametrize("text", ["[bold]x[/bold]", "\\[x]", "a" * 500])
def test_names_are_printed_as_they_are(capsys, text):
    display.line(text)
    assert capsys.readouterr().out == text + "\n"


def test_control_characters_are_escaped_everywhere(capsys):
    display.heading("a\nb")
    display.line("\x1b[31m")
    display.table([("c\td", "e\rf")], header=("g\nh", ""))
    out = capsys.readouterr().out
    assert out.count("\n") == 4
    assert all(each in out for each in ("a\\nb", "\\x1b[31m", "c\\td", "e\\rf", "g\\nh"))
    assert "\x1b" not in out


def test_sections_are_printed_as_plain_text_says_them(capsys):
    sections = [
        Section("a", "Title", ("One sentence.", "Another."), tables=(Table(("", "n"), (("x", "1"), ("yy", "22"))),)),
        Section("b", "Other", tables=(Table((), (("k", "words"),), numeric=False),)),
    ]
    display.show(sections)
    assert capsys.readouterr().out == plain(sections) + "\n"


def test_no_colour_and_no_control_codes_outside_a_terminal(capsys, monkeypatch):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    display.heading("Fit")
    display.table([("a", "1")], header=("", "n"))
    assert capsys.readouterr().out == "Fit\n     n\n  a  1\n"


def test_no_color_is_honoured_in_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    display.heading("Fit")
    assert "\x1b[3" not in capsys.readouterr().out
