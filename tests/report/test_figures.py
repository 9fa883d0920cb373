import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from report.pages import Page

from multilogit.plot import ConfusionDisplay, ReliabilityDisplay
from multilogit.report.figures import figure

DISPLAY = ConfusionDisplay.from_predictions(["a", "b", "b"], ["a", "b", "a"])


def test_it_is_one_element_and_nothing_else():
    text = figure("one", DISPLAY, "words").svg
    assert text.startswith("<svg ")
    assert text.rstrip().endswith("</svg>")
    assert Page(text).faults == []
    assert "<metadata" not in text
    assert "<?xml" not in text


def test_words_and_width_come_with_it():
    made = figure("one", DISPLAY, "words")
    assert made.alt == "words"
    assert made.least_width == round(DISPLAY.plot().figure.get_figwidth() * 96)


def test_the_same_display_gives_the_same_bytes():
    assert figure("one", DISPLAY, "") == figure("one", DISPLAY, "")


def test_identifiers_begin_with_the_anchor_and_lead_to_each_other():
    text = figure("row-7", DISPLAY, "").svg
    names = set(re.findall(r'\bid="([^"]*)"', text))
    assert names
    assert all(name.startswith("row-7-") for name in names)
    assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', text)) <= {(name, "") for name in names} | {
        ("", name) for name in names
    }


def test_two_figures_that_are_alike_share_no_identifier():
    first, second = (set(Page(figure(anchor, DISPLAY, "").svg).ids) for anchor in ("row-1", "row-2"))
    assert not first & second


def test_text_is_text_and_is_escaped():
    display = ConfusionDisplay.from_predictions(["<b>&", "z"], ["<b>&", "z"])
    text = figure("one", display, "").svg
    assert ">&lt;b&gt;&amp;</text>" in text
    assert "<b>" not in text


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("label", ["日本" * 20, "W" * 50, "&" * 50, "\0", "a\nb"])
def test_labels_of_any_letters_leave_room_for_the_figure(label):
    classes = [f"{k}{label}" for k in range(3)]
    assert "<svg " in figure("one", ConfusionDisplay.from_predictions(classes, classes), "").svg


def test_settings_of_the_caller_are_neither_used_nor_changed():
    import matplotlib as mpl

    usual = figure("one", DISPLAY, "").svg
    with mpl.rc_context({"svg.fonttype": "path", "font.size": 30}):
        assert figure("one", DISPLAY, "").svg == usual
        assert mpl.rcParams["font.size"] == 30


def test_a_figure_that_the_user_drew_on_is_not_touched():
    display = ReliabilityDisplay.from_predictions([0, 1], np.eye(2), classes=[0, 1])
    ax = display.plot(ax=Figure().subplots())
    lines = len(ax.lines)
    figure("one", display, "")
    assert len(ax.lines) == lines
