import pytest
from matplotlib.figure import Figure

from multilogit.plot import ContributionDisplay
from multilogit.table.explain import Explanation, Part


def explanation(*values, predicted="a", against="b"):
    parts = tuple(Part(f"part {j}", value) for j, value in enumerate(values))
    return Explanation(predicted, against, ((predicted, 0.7), (against, 0.3)), parts, sum(values))


def test_the_largest_part_is_first():
    display = ContributionDisplay.from_explanation(explanation(0.5, -2.0, 1.0))
    assert display.labels == ("part 1", "part 2", "part 0")
    assert display.values == (-2.0, 1.0, 0.5)


def test_what_is_beyond_ten_is_one_part_and_nothing_is_lost():
    values = [float(j) for j in range(1, 14)]
    display = ContributionDisplay.from_explanation(explanation(*values))
    assert display.labels == (*(f"part {j}" for j in range(12, 2, -1)), "all other (3)")
    assert display.values[-1] == 1.0 + 2.0 + 3.0
    assert sum(display.values) == sum(values)


def test_ten_parts_are_all_shown():
    assert len(ContributionDisplay.from_explanation(explanation(*range(1, 11))).labels) == 10


def test_the_title_says_what_is_compared():
    assert ContributionDisplay.from_explanation(explanation(1.0, -0.25)).title == "a rather than b: +0.75"
    assert ContributionDisplay.from_explanation(explanation(1.0, predicted=2, against=True)).title.startswith(
        "2 rather than True"
    )


def test_it_is_drawn_on_the_given_axes():
    ax = Figure().subplots()
    assert ContributionDisplay.from_explanation(explanation(0.5, -2.0)).plot(ax=ax) is ax
    assert [(bar.get_width(), bar.get_y() + bar.get_height() / 2) for bar in ax.patches] == [(-2.0, 1.0), (0.5, 0.0)]
    assert [text.get_text() for text in ax.texts] == ["-2.00", "+0.50"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["part 0", "part 1"][::-1]
    assert ax.get_xlabel() == "log-odds, a\nrather than b: -1.50"


def test_bars_for_and_against_differ_in_colour():
    ax = ContributionDisplay.from_explanation(explanation(0.5, -2.0)).plot()
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()


@pytest.mark.parametrize("name", ["$x^2$", "a$b_c", "$a_$", "x" * 1000])
def test_names_are_drawn_as_they_are(name):
    found = Explanation(name, f"{name}!", ((name, 0.7),), (Part(f"{name} = {name}", 1.0),), 1.0)
    ax = ContributionDisplay.from_explanation(found).plot()
    ax.figure.canvas.draw()
    shown = [ax.xaxis.label, *ax.get_yticklabels()]
    assert not any(text._preprocess_math(text.get_text())[1] for text in shown)
    assert max(len(text.get_text()) for text in shown) < 100
