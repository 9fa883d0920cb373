import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from multilogit.errors import InputError
from multilogit.plot.style import _LONGEST, axes, literal, shortened, svg_settings


def test_axes_that_are_given_are_drawn_on():
    given = Figure().subplots()
    assert axes(given, 1.0, 1.0) is given


def test_without_axes_a_figure_of_that_size_is_made():
    made = axes(None, 3.0, 2.5)
    assert made.figure.get_size_inches().tolist() == [3.0, 2.5]
    assert not made.spines["top"].get_visible()
    assert not made.spines["right"].get_visible()


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("", ""),
        ("species", "species"),
        ("a" * _LONGEST, "a" * _LONGEST),
        ("a" * (_LONGEST + 1), "a" * 14 + "…" + "a" * 9),
        ("od280/od315_of_diluted_wines = 1.93", "od280/od315_of…es = 1.93"),
        ("two\nlines\tand\0more", "two lines and more"),
        ("日本", "日本"),
    ],
)
def test_labels_are_short_and_on_one_line(label, shown):
    assert shortened(label) == shown


@pytest.mark.parametrize("text", ["$x^2$", "a$b_c", "$a_$", "$", "$$", r"\$x\$", r"$\alpha$", "a_b^c", r"\frac{"])
def test_a_literal_text_is_drawn_letter_by_letter(text):
    figure = Figure()
    drawn = figure.text(0.5, 0.5, literal(text))
    with svg_settings():
        figure.canvas.draw()
    assert drawn._preprocess_math(drawn.get_text()) == (text, False)


def test_a_figure_needs_no_pyplot_and_no_display():
    program = (
        "import sys\n"
        "from multilogit.plot import ConfusionDisplay\n"
        "ConfusionDisplay.from_predictions([1, 2], [1, 2]).plot().figure.savefig(sys.argv[1])\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, "/dev/null"], check=True, timeout=60, env={"MPLBACKEND": "svg"})


def test_without_matplotlib_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match="pip install"):
        axes(None, 1.0, 1.0)
