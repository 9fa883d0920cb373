import pytest

from multilogit.table.words import counted, named, shown, unknown_column


def test_a_long_value_is_cut_and_its_length_told():
    assert shown("a" * 100) == f"'{'a' * 59}...' (100 letters)"
    assert shown("a" * 60) == f"'{'a' * 60}'"
    assert shown(1.5) == "1.5"


def test_what_would_break_a_line_is_escaped():
    assert shown("a\nb\x1b[1m") == r"'a\nb\x1b[1m'"


@pytest.mark.parametrize(
    ("count", "noun", "text"), [(0, "row", "0 rows"), (1, "class", "1 class"), (2_000, "class", "2,000 classes")]
)
def test_counts(count, noun, text):
    assert counted(count, noun) == text


def test_many_names_are_cut():
    assert named("abc", most=1) == "'a' and 2 more"


def test_a_column_that_is_taken_cannot_be_meant():
    assert "Did you mean 'Species'?" in str(unknown_column("species", ["Species", "specied"], "the target"))
    error = unknown_column("species", ["Species", "sex"], "the target", taken=["Species"])
    assert "Its columns are 'Species', 'sex'." in str(error)
