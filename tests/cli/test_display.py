import pytest

from multilogit.cli import display


def test_columns_are_aligned_by_what_a_terminal_shows():
    assert display.aligned([["日本", "1"], ["a", "10"]], numeric=True) == ["日本   1", "a     10"]


@pytest.mark.parametrize("text", ["[bold]x[/bold]", "\\[x]", "a" * 500])
def test_names_are_printed_as_they_are(capsys, text):
    display.line(text)
    assert capsys.readouterr().out == text + "\n"


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
