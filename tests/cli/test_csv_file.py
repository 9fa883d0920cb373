import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit.cli import csv_file
from multilogit.cli.csv_file import read_csv
from multilogit.errors import InputError

# Control characters are left out: Python and polars differ in which of them are white space.
VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t"), max_size=6)


def read(text, marks=("",)):
    return read_csv(text.encode(), "t.csv", marks)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8))
def test_what_the_standard_library_writes_is_read(rows):
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    expected = [tuple(value.strip() or None for value in row) for row in rows]
    assert [tuple(v.strip() if v else v for v in row) for row in read(stream.getvalue()).rows()] == expected


def test_all_columns_are_text_and_marks_are_null():
    frame = read("a,b\n1,NA\n,x\n", marks=("", "NA"))
    assert frame.dtypes == [pl.String, pl.String]
    assert frame.rows() == [("1", None), (None, "x")]


def test_white_space_around_names_and_values_is_dropped():
    assert read("a , b\n 1, x \n").to_dict(as_series=False) == {"a": ["1"], "b": ["x"]}


def test_a_name_that_is_missing_is_the_place():
    assert read(",b\n1,2\n").columns == ["column_1", "b"]


def test_blank_lines_are_skipped_but_not_in_a_table_of_one_column():
    assert read("a,b\n\n1,2\n\n").height == 1
    assert read("a\n1\n\n2\n").rows() == [("1",), (None,), ("2",)]


def test_the_separator_is_the_one_of_the_header_outside_quotes():
    assert read('"a,b,c";d\n1;2\n').columns == ["a,b,c", "d"]
    assert read("a\tb,c\td\n1\t2\t3\n").columns == ["a", "b,c", "d"]


def test_line_breaks_in_quotes():
    assert read('a,b\n"x\ny",2\n').rows() == [("x\ny", "2")]
    with pytest.raises(InputError, match="line 4: 3 values"):
        read('a,b\n"x\ny",2\n1,2,3\n')


def test_batches_are_put_together_in_order(monkeypatch):
    monkeypatch.setattr(csv_file, "BATCH", 7)
    assert read("a\n" + "\n".join(map(str, range(30))))["a"].to_list() == [str(i) for i in range(30)]


def test_a_long_field():
    text = "x" * 200_000
    assert read(f"a,b\n{text},1\n")["a"][0] == text
