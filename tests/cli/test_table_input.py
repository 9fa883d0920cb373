import io
from pathlib import Path
from types import SimpleNamespace

from multilogit.cli import table_input
from multilogit.cli.table_input import STDIN, open_input, written_as
from multilogit.table.files import MISSING_MARKS, Format

TEXT = b"x,y\n1,a\n2,b\n"


def test_a_file_and_the_standard_input_are_the_same_table(tmp_path, monkeypatch):
    (tmp_path / "d.csv").write_bytes(TEXT)
    monkeypatch.setattr(table_input, "sys", SimpleNamespace(stdin=SimpleNamespace(buffer=io.BytesIO(TEXT))))
    file, stdin = open_input(tmp_path / "d.csv", Format()), open_input(STDIN, Format())
    assert (file.source.name, stdin.source.name) == ("d.csv", "standard input")
    assert file.source.sha256 == stdin.source.sha256
    assert file.names == stdin.names == ("x", "y")


def test_a_file_called_dash_is_named_by_its_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(TEXT)
    assert open_input(tmp_path / "-", Format()).names == ("x", "y")


def test_marks_of_missing_values_are_added():
    assert written_as(None, ".", "utf-8", ["-"]).missing_marks == (*MISSING_MARKS, "-")
    assert written_as(None, ".", "utf-8", ["-"], ("", "none")).missing_marks == ("", "none", "-")
