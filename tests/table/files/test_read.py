import gzip
import hashlib
import io

import polars as pl
import pytest
from table.frames import measurements

from multilogit.errors import InputError
from multilogit.table.files import Format, read_table, table_of

TEXT = b"x,kind\n1.5,a\n2,b\n"
ROWS = [(1.5, "a"), (2.0, "b")]


def parquet(frame=None):
    stream = io.BytesIO()
    (pl.DataFrame(measurements()) if frame is None else frame).write_parquet(stream)
    return stream.getvalue()


def read(data, name="t.csv"):
    return table_of(data, name, Format())


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "noise"])
def test_gzip_is_known_by_its_content(name):
    assert read(gzip.compress(TEXT), name).for_training("kind", ()).rows() == ROWS
    assert read(TEXT, name).for_training("kind", ()).rows() == ROWS


@pytest.mark.parametrize("name", ["t.parquet", "t.pq", "t.csv"])
def test_parquet_is_known_by_its_content_and_keeps_its_types(name):
    found = read(parquet(), name)
    assert found.for_training("kind", ()).equals(pl.DataFrame(measurements()))
    assert found.names == ("length", "place", "tagged", "kind")


def test_the_hash_is_that_of_the_bytes_in_the_file(tmp_path):
    for data in (TEXT, gzip.compress(TEXT), parquet()):
        (tmp_path / "t.csv").write_bytes(data)
        found = read_table(tmp_path / "t.csv", Format()).source
        assert (found.name, found.sha256) == ("t.csv", hashlib.sha256(data).hexdigest())


def test_how_it_is_written_may_be_said():
    written = Format(";", ",", "latin-1", ("-",))
    data = "x;kind\n1,5;é\n-;b\n".encode("latin-1")
    assert table_of(data, "t.csv", written).for_training("kind", ()).rows() == [(1.5, "é"), (None, "b")]


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"PK\x03\x04rest", "t.xlsx", "t.xlsx is a spreadsheet or a zip archive; save the table as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "t.xls", "t.xls is a spreadsheet"),
        (b"BZh9rest", "t.bz2", r"compressed \(bzip2\): unpack it first, or use gzip"),
        (b"\xfd7zXZ\x00rest", "t.xz", r"compressed \(xz\)"),
        (b"\x28\xb5\x2f\xfdrest", "t.zst", r"compressed \(zstd\)"),
        (gzip.compress(TEXT)[:-9], "t.gz", "t.gz is a damaged gzip file"),
        (parquet()[:-20], "t.parquet", "t.parquet is a damaged Parquet file"),
        (TEXT, "t.parquet", "is not a Parquet file, for it does not begin with PAR1"),
        (parquet(pl.DataFrame({"x": pl.Series([], dtype=pl.Float64)})), "t.pq", "t.pq has no rows"),
        (b"", "a\nb.csv", r"a\\nb\.csv is empty"),
    ],
)
def test_what_holds_no_table_is_refused(data, name, sentence):
    with pytest.raises(InputError, match=sentence):
        read(data, name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "none.csv", Format())
