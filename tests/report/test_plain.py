import pytest

from multilogit.report import Figure, Section, Table, aligned, plain


def test_cells_after_the_first_stand_to_the_right():
    assert aligned(Table(("", "x", "yy"), (("a", "10", "2"), ("bbb", "1", "20")))) == [
        "      x  yy",
        "a    10   2",
        "bbb   1  20",
    ]


def test_words_stand_to_the_left_and_lines_end_without_space():
    assert aligned(Table((), (("a", "one", "x"), ("bbb", "twenty", "")), numeric=False)) == [
        "a    one     x",
        "bbb  twenty",
    ]


@pytest.mark.parametrize(("text", "cells"), [("ab", 2), ("日本", 4), ("e\u0301", 1), ("\uff57", 2), ("é", 1)])
def test_a_column_is_as_wide_as_a_terminal_shows_it(text, cells):
    first, second = aligned(Table((), ((text, "1"), ("x" * 6, "1"))))
    assert first == text + " " * (6 - cells) + "  1"
    assert second == "xxxxxx  1"


def test_an_empty_table_is_no_lines():
    assert aligned(Table((), ())) == []


def test_a_section_is_its_title_tables_and_sentences():
    part = Section("part", "Part")
    section = Section(
        "a", "Title", ("One.", "Two."), Figure("<svg></svg>", "alt", 1), (Table((), (("x", "1"),)),), "", (part,)
    )
    assert plain([section, Section("b", "Other")]) == "Title\n  x  1\n  One.\n  Two.\nOther"


def test_no_sections_are_no_text():
    assert plain([]) == ""
