import csv
import io

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit.errors import InputError
from multilogit.table.files import Format
from multilogit.table.files import csv as csv_module
from multilogit.table.files.csv import read_csv

# Control characters are left out: Python and polars differ in which of them are white space.
VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t"), max_size=6)


def texts(text, **written):
    data = text if isinstance(text, bytes) else text.encode()
    return read_csv(data, "t.csv", Format(**{"missing_marks": ("",)} | written))


def read(text, **written):
    return texts(text, **written).frame


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8))
def test_what_the_standard_library_writes_is_read(rows):
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    expected = [tuple(value.strip() or None for value in row) for row in rows]
    assert [tuple(v.strip() if v else v for v in row) for row in read(stream.getvalue()).rows()] == expected


def test_all_columns_are_text_and_marks_are_null():
    frame = read("a,b\n1,NA\n,x\n", missing_marks=("", "NA"))
    assert frame.dtypes == [pl.String, pl.String]
    assert frame.rows() == [("1", None), (None, "x")]


def test_white_space_around_names_and_values_is_dropped():
    assert read("a , b\n 1, x \n").to_dict(as_series=False) == {"a": ["1"], "b": ["x"]}


def test_a_name_that_is_missing_is_the_place():
    assert read(",b\n1,2\n").columns == ["column_1", "b"]


def test_blank_lines_are_skipped_but_not_in_a_table_of_one_column():
    assert read("a,b\n\n1,2\n\n").height == 1
    assert read("a\n1\n\n2\n").rows() == [("1",), (None,), ("2",)]


def test_every_row_knows_the_line_on_which_it_begins():
    assert texts('a,b\n\n1,"x\ny"\n\n2,z\n').lines.tolist() == [3, 6]


def test_the_separator_is_the_one_of_the_header_outside_quotes():
    assert read('"a,b,c";d\n1;2\n').columns == ["a,b,c", "d"]
    assert read("a\tb,c\td\n1\t2\t3\n").columns == ["a", "b,c", "d"]
    assert read("a|b\n1|2\n").columns == ["a", "b"]


def test_a_separator_that_is_given_is_used():
    assert read("a,b;c\n1,2;3\n", separator=";").columns == ["a,b", "c"]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_encodings(encoding):
    assert read("é,b\nü,1\n".encode(encoding), encoding=encoding).rows() == [("ü", "1")]


def test_a_byte_order_mark_is_no_part_of_a_name():
    assert read("a,b\n1,2\n".encode("utf-8-sig")).columns == ["a", "b"]


def test_line_breaks_in_quotes():
    assert read('a,b\n"x\ny",2\n').rows() == [("x\ny", "2")]
    with pytest.raises(InputError, match="line 4: 3 values"):
        read('a,b\n"x\ny",2\n1,2,3\n')


def test_batches_are_put_together_in_order(monkeypatch):
    monkeypatch.setattr(csv_module, "BATCH", 7)
    found = texts("a\n" + "\n".join(map(str, range(30))))
    assert found.frame["a"].to_list() == [str(i) for i in range(30)]
    np.testing.assert_array_equal(found.lines, np.arange(30) + 2)


def test_a_long_field():
    text = "x" * 200_000
    assert read(f"a,b\n{text},1\n")["a"][0] == text


@pytest.mark.parametrize(
    ("data", "written", "sentence"),
    [
        ("", {}, "t.csv is empty; expected a header and rows"),
        (" \n\n", {}, "t.csv is empty"),
        ("a,b\n", {}, "has a header but no rows"),
        ("a,a\n1,2\n", {}, "the header holds 'a' twice"),
        ("a,b\n1,2\n3\n", {}, "line 3: 1 value, but the header has 2 names"),
        ('a,b\n1,"2\n', {}, "line 2: .*check the double quotes"),
        ("sep=;\na;b\n1;2\n", {}, r"line 1 is a note for Excel \(sep=;\)"),
        (b"a,b\n1,\xe9\n", {}, "line 2: byte 0xe9 is not UTF-8 text; add --encoding latin-1"),
        ("a,b\n1,2\n".encode("utf-16"), {}, "is UTF-16 text; add --encoding utf-16"),
        ("a,b\n1,2\n".encode("utf-32"), {}, "is UTF-32 text; add --encoding utf-32"),
        (b"a,b\n1,\0\n", {}, "line 2: a NUL byte"),
        ("\n\na,a\n1,2\n", {}, "line 3: the header holds 'a' twice"),
        ("a," + "b" * 2_000 + "\n1,2\n", {}, "is too long for a column; check the double quotes of the header"),
        ("a,b\n1,2\n", {"encoding": "base64"}, "'base64' is no encoding"),
        ("a,b\n1,2\n", {"encoding": "klingon"}, "'klingon' is no encoding that Python knows"),
    ],
)
def test_damaged_files_are_refused_by_their_line(data, written, sentence):
    with pytest.raises(InputError, match=sentence):
        read(data, **written)
