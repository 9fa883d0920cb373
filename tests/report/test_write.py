"""The page as a file: complete, harmless, valid and small, whatever the table holds."""

import sys
from pathlib import Path

import pytest
from report.examples import HOSTILE, fitted, hostile, long_names, many_classes, many_columns
from report.pages import Page, anchors, faults, figures

import multilogit
from multilogit import report
from multilogit.errors import InputError
from multilogit.io import WriteError
from multilogit.report.write import MOST_BYTES, begins_as_report


def check(page):
    """What every page must be; its figures come back, in words."""
    assert faults(page) == []
    assert len(page.encode()) <= MOST_BYTES
    told = list(figures(page))
    assert len(told) == page.count("<figure ")
    assert all(alt.strip() and sentence.strip().endswith((".", "…")) for alt, sentence in told)
    return told


@pytest.fixture(scope="module")
def page():
    return report.render(fitted())


def test_the_page_is_valid_and_loads_nothing(page):
    assert len(check(page)) >= 4


def test_the_faults_of_a_page_are_found(page):
    bad = {
        "<p></b></p>": "closes nothing",
        "<p>": "never closed",
        "<script>1</script>": "script",
        '<p onclick="x()"></p>': "onclick",
        '<a href="http://x">x</a>': "href",
        '<a href="#nowhere">x</a>': "nowhere",
        '<p id="data"></p>': "twice",
        '<p style="background: url(x.png)"></p>': "a load",
        '<g clip-path="url(#nowhere)"></g>': "nowhere",
    }
    for text, fault in bad.items():
        assert any(fault in each for each in faults(page.replace("</main>", f"{text}</main>"))), text


def test_the_only_addresses_are_names_of_xml(page):
    for each in page.split("http://")[1:] + page.split("https://")[1:]:
        assert each.startswith(("www.w3.org/2000/svg", "www.w3.org/1999/xlink"))


def test_a_policy_forbids_what_is_not_there_anyway(page):
    policies = [each for each in Page(page).text_of("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert [each["content"].split(";")[0] for each in policies] == ["default-src 'none'"]


def test_the_same_model_gives_the_same_page(page):
    assert report.render(fitted()) == page


@pytest.mark.parametrize(
    ("table", "target", "options"),
    [
        (many_classes, "kind", {"C": 1.0, "holdout": 0.3}),
        (many_columns, "kind", {"C": 0.01, "holdout": 0.3}),
        (lambda: long_names(10), "&" * 10 + " target", {"C": 0.1, "holdout": 0.3}),
        (lambda: long_names(10_000), "&" * 10_000 + " target", {"C": 0.1, "holdout": 0.3}),
    ],
    ids=["77 classes and many words", "2,000 columns", "long names", "very long names"],
)
def test_the_page_of_a_large_model_is_small(table, target, options):
    check(report.render(multilogit.fit(table(), target, **options)))


@pytest.fixture(scope="module")
def dangerous():
    results = multilogit.fit(hostile(), '</h1>"', C=1.0)
    return report.render(results, command=f"multilogit train '{HOSTILE[0]}'")


def test_names_and_values_do_no_harm(dangerous):
    check(dangerous)
    assert "<script" not in dangerous
    assert "<img" not in dangerous


def test_names_and_values_are_shown_as_they_are(dangerous):
    text = "\n".join(Page(dangerous).texts)
    for name in (*HOSTILE, "a$b_c", "$a_$", "</svg>", "</title>", '</h1>"', "-->"):
        assert name in text


def test_formulas_of_tex_are_drawn_letter_by_letter(dangerous):
    drawn = [each.split("</text>")[0].split(">")[-1] for each in dangerous.split("<text ")[1:]]
    assert {"$x^2$", "a$b_c", "$a_$"} <= set(drawn)


def test_identifiers_in_a_text_stay_as_they_are():
    kinds = ['id="x', 'href="#x', "url(#x)"]
    table = {"x": [0.0, 1.0, 2.0, 1.5] * 15, "kind": kinds * 20}
    text = report.render(multilogit.fit(table, "kind", C=1.0))
    assert all(f">{kind}</text>" in text for kind in kinds)


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.csv", '"><b>.csv', "$x^2$.csv", "a file.csv", "日本.csv"]
)
def test_a_file_of_any_name(tmp_path, name):
    path = tmp_path / name
    hostile().write_csv(path)
    results = multilogit.fit(path, '</h1>"', C=1.0, holdout="none")
    text = report.render(results)
    check(text)
    assert name in "\n".join(Page(text).texts)
    assert f"multilogit.fit({name!r}" in "\n".join(Page(text).texts)


def test_a_file_whose_name_is_no_text(tmp_path):
    path = tmp_path / b"\xff.csv".decode(errors="surrogateescape")
    path.write_text(hostile().write_csv(), encoding="utf-8")
    results = multilogit.fit(path, '</h1>"', C=1.0, holdout="none")
    results.report(tmp_path / "page.html")
    check((tmp_path / "page.html").read_text(encoding="utf-8"))


def test_rows_that_are_alike_have_figures_of_their_own():
    table = {"x": [0.0, 1.0] * 60, "kind": ["a", "b", "b"] * 40}
    check(report.render(multilogit.fit(table, "kind", C=1.0)))


@pytest.mark.filterwarnings("error")
def test_letters_that_the_font_lacks_are_left_to_the_browser():
    table = {"größe": [0.0, 1.0, 2.0] * 40, "kind": ["日本", "a\nb", "tab\t", "nul\0"] * 30}
    text = report.render(multilogit.fit(table, "kind", C=1.0))
    check(text)
    assert ">日本</text>" in text


@pytest.mark.parametrize(
    "labels", [[0, 1], [True, False], [3, -1, 20], ["no", "yes"]], ids=["two numbers", "truths", "numbers", "two texts"]
)
def test_classes_of_any_type(labels):
    table = {"x": [float(j % 7) for j in range(120)], "kind": [labels[j % 7 % len(labels)] for j in range(120)]}
    text = report.render(multilogit.fit(table, "kind", C=1.0))
    check(text)


def test_it_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(WriteError):
        report.write(fitted(holdout="none"), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_it_is_written_in_utf_8(tmp_path, page):
    report.write(fitted(), str(tmp_path / "page.html"))
    assert (tmp_path / "page.html").read_bytes().decode() == page


@pytest.mark.parametrize("module", ["jinja2", "matplotlib.figure"])
def test_what_is_missing_is_said(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match="pip install"):
        report.render(fitted(holdout="none"))


def test_a_page_that_would_be_too_large_is_not_made(monkeypatch):
    monkeypatch.setattr(sys.modules["multilogit.report.write"], "MOST_BYTES", 1_000)
    with pytest.raises(InputError, match="larger than 1,000 bytes"):
        report.render(fitted(holdout="none"))


def test_every_section_can_be_reached(page):
    links = [each["href"].removeprefix("#") for each in Page(page).text_of("a")]
    assert links == anchors(page)


@pytest.mark.parametrize(
    ("start", "is_own"),
    [
        ('<!DOCTYPE html><html><head><meta name="generator" content="multilogit 0.1.0">', True),
        ("<!DOCTYPE html><html><head><title>multilogit</title>", False),
        ("", False),
    ],
)
def test_how_a_report_begins(tmp_path, start, is_own):
    path = tmp_path / "r.html"
    path.write_text(start)
    assert begins_as_report(path) is is_own
