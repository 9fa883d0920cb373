"""What a newcomer does wrong: one sentence on the standard error, exit code 1, nothing half-written."""

import errno
import os
from pathlib import Path

import pytest

from multilogit import io, table
from multilogit.cli import display
from multilogit.cli.outputs import begins_as_predictions

TRAIN = ("train", "data.csv", "--target", "y")


def refused(found, *parts):
    """Assert that a command said one sentence and failed."""
    assert found.exit_code == 1
    assert found.stderr.startswith("error: ")
    assert found.stderr.count("\n") == 1
    for part in parts:
        assert part in found.stderr, found.stderr


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"", ["data.csv is empty; expected a header and rows."]),
        (b" \n\n", ["data.csv is empty"]),
        (b"x,y\n", ["data.csv has a header but no rows."]),
        (b"x,y\n1,a\n2,a\n", ["the target 'y' is constant: a in all 2 rows", "at least two classes"]),
        (b"x,y\n1,a\n", ["the target 'y' is constant: a in the only row"]),
        (b"x,y\n1,2020-01-01\n2,2020-01-01\n3,2021-01-01\n", ["'y' holds dates or times (row 1: 2020-01-01)"]),
        (b"sep=;\nx;y\n1;a\n", ["data.csv, line 1 is a note for Excel (sep=;)", "remove that line"]),
        (b"\x1f\x8brest", ["data.csv is compressed (gzip): unpack it first."]),
        (b"x,y\n1,1.5\n2,2.5\n3,1.5\n", ["'y' holds fractional numbers (row 1: 1.5)", "ranges"]),
        (b"x,y\n1,a\n2,b\n3,c\n", ["'y' has 3 different values in 3 rows", "--categorical 'y'"]),
        (b"x,Y\n1,a\n2,b\n3,b\n", ["no column 'y' (the target). Did you mean 'Y'?"]),
        (b"x,x,y\n1,1,a\n", ["the header holds 'x' twice"]),
        (b"x,y\n1,a\n2,b,c\n", ["data.csv, line 3: 3 values, but the header has 2 names"]),
        (b"x,y\n1,a\n\n2\n", ["data.csv, line 4: 1 value, but"]),
        (b'x,y\n1,"a\n2,b\n', ["data.csv, line 3", "check the double quotes"]),
        (b'x,y\n1,"a"b\n', ["data.csv, line 2", "check the double quotes"]),
        (b"x,y\n1,\xe9\n", ["data.csv, line 2: byte 0xe9 is not UTF-8"]),
        (b"x,y\n1,a\n\0,b\n", ["data.csv, line 3: a NUL byte"]),
        ("x,y\n1,a\n".encode("utf-16"), ["data.csv is UTF-16 text"]),
        (b"PK\x03\x04rest", ["spreadsheet"]),
        (b"PAR1rest", ["data.csv is a damaged Parquet file"]),
        (b"x,y\n1,a\n2,b\noops,b\n", ["'x' holds numbers, but 'oops' in row 3 is none", "--na 'oops'"]),
        (b"x;y\n1,5;a\n2,5;b\n3,5;b\n", ["'x' holds numbers with commas (the first: '1,5')"]),
        (b"x,y\n1,a\ninf,b\n2,b\n", ["'x' is infinite in row 2"]),
        (b"x,y\n1,a\n1e999,b\n2,b\n", ["'x' is infinite in row 2"]),
        (b"x,y\n1,a\n-1e200,b\n2,b\n", ["'x' is too large to be squared in row 2 (-1e+200)"]),
        (b"x,y\n,a\n1,\n2,\n,b\n,b\n", ["no row is complete", "3 of them in column 'x'"]),
        (b"y\na\nb\na\n", ["no column is left to learn from (the table has only the target)"]),
        (b"x,y\n1,a\n1,b\n1,b\n", ["no column is left to learn from ('x': it is constant: 1)"]),
    ],
)
def test_a_table_that_cannot_be_learned_from(run, content, parts):
    Path("data.csv").write_bytes(content)
    before = sorted(Path().iterdir())
    refused(run(*TRAIN), *parts)
    assert sorted(Path().iterdir()) == before


def test_a_file_that_is_not_there(run):
    refused(run("train", "bird.csv", "--target", "kind"), "there is no file bird.csv. Did you mean birds.csv?")
    refused(run("train", "zzz", "--target", "kind"), "there is no file zzz.")
    refused(run("train", "none/birds.csv", "--target", "kind"), "there is no directory none")
    refused(run("predict", "birds.multilogit", "birds.csv"), "there is no file birds.multilogit")
    refused(run("inspect", "birds.multilogit"), "there is no file birds.multilogit")


def test_a_directory_in_place_of_a_file(run):
    refused(run("train", ".", "--target", "kind"), ". is a directory; expected a file.")
    refused(run("inspect", "."), ". is a directory")


def test_an_address_in_place_of_a_file(run):
    refused(run("train", "https://example.org/d.csv", "--target", "y"), "is an address on a network", "fetch it first")


def test_a_file_named_parquet_that_is_none(run):
    Path("d.parquet").write_text("x,y\n1,a\n")
    refused(run("train", "d.parquet", "--target", "y"), "d.parquet is not a Parquet file")


@pytest.mark.parametrize(
    "words", [("train", "birds.csv", "-t", "kind"), ("inspect", "m"), ("predict", "m", "birds.csv")], ids=lambda w: w[0]
)
def test_a_file_that_may_not_be_read(run, monkeypatch, words):
    def refuse(path, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    Path("m").touch()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **options: mode != os.R_OK and access(path, mode, **options))
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    refused(run(*words), f"{words[1]} cannot be opened: permission denied.")


def test_a_file_name_with_a_line_break_is_told_in_one_line(run):
    refused(run("inspect", "no\nfile"), "there is no file no\\nfile.")


def test_numbers_are_no_classes_however_they_are_written(run):
    rows = "".join(f"{i % 13},{25 + i * i % 214}.0\n" for i in range(442))
    Path("data.csv").write_text(f"x,y\n{rows}")
    refused(run(*TRAIN), "different values in 442 rows, so it names rows or measures a quantity", "--categorical 'y'")


def test_as_many_classes_as_the_user_wants(run):
    Path("data.csv").write_text("x,y\n" + "".join(f"{i % 13},{25 + i // 2}.0\n" for i in range(50)))
    found = run(*TRAIN, "--categorical", "y")
    assert (found.exit_code, found.stderr) == (0, "")
    assert "25 classes" in found.stdout


def test_weights_that_are_all_zero_are_to_blame(run):
    Path("data.csv").write_text("x,w,y\n1,0,a\n3,0,b\n2,0,a\n")
    refused(run(*TRAIN, "--weights", "w"), "the weights 'w' are 0 in every complete row")


def test_texts_only(run):
    header, row = ",".join("abcdefg"), ",".join(["t{0}"] * 7)
    Path("data.csv").write_text(f"{header},y\n" + "".join(f"{row.format(i)},{'pq'[i % 2]}\n" for i in range(30)))
    refused(run(*TRAIN), "'f': each of its 30 texts", "; and 1 more). Free text is not an input")


def test_a_misspelt_column(run):
    train = ("train", "birds.csv", "--target")
    refused(run(*train, "kinds"), "no column 'kinds' (the target). Did you mean 'kind'?")
    refused(run(*train, "kind", "--exclude", "lenght"), "no column 'lenght' (to exclude). Did you mean 'length'?")
    refused(run(*train, "kind", "--weights", "w"), "no column 'w' (the weights)")
    refused(run(*train, "kind", "--categorical", "plaice"), "Did you mean 'place'?")


@pytest.mark.parametrize("output", ["none/m.multilogit", "birds.csv/m.multilogit", "."])
def test_a_model_that_cannot_be_written(run, output):
    found = run("train", "birds.csv", "--target", "kind", "-o", output)
    refused(found)
    assert found.stdout == "", "the fit was in vain"
    assert [path.name for path in Path().iterdir()] == ["birds.csv"]


@pytest.mark.parametrize("output", ["none/p.csv", "."])
def test_predictions_that_cannot_be_written(trained, output):
    before = sorted(Path().iterdir())
    refused(trained("predict", "birds.multilogit", "birds.csv", "-o", output))
    assert sorted(Path().iterdir()) == before


def test_inputs_are_not_overwritten(trained):
    data, model = Path("birds.csv").read_bytes(), Path("birds.multilogit").read_bytes()
    refused(trained("train", "birds.csv", "--target", "kind", "-o", "birds.csv"), "is the input birds.csv")
    refused(trained("predict", "birds.multilogit", "birds.csv", "-o", "./birds.csv"), "is the input birds.csv")
    refused(trained("predict", "birds.multilogit", "birds.csv", "-o", "birds.multilogit"), "is the input")
    assert (Path("birds.csv").read_bytes(), Path("birds.multilogit").read_bytes()) == (data, model)


def test_foreign_files_are_not_replaced(trained):
    Path("notes.txt").write_text("mine")
    Path("empty").touch()
    train = ("train", "birds.csv", "--target", "kind", "-o")
    predict = ("predict", "birds.multilogit", "birds.csv", "-o")
    refused(trained(*train, "notes.txt"), "notes.txt exists and is not a model, so it is not replaced")
    refused(trained(*predict, "notes.txt"), "notes.txt exists and is not a file of predictions")
    assert Path("notes.txt").read_text() == "mine"
    for words in ((*train, "birds.multilogit"), (*predict, "p.csv"), (*predict, "p.csv"), (*predict, "empty")):
        assert trained(*words).exit_code == 0


def test_predictions_whose_header_is_quoted_are_predictions(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text('prediction,"p_a,b",p_c\n')
    assert begins_as_predictions(path)


def test_an_interrupt_leaves_nothing(run, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(table, "train", interrupt)
    found = run("train", "birds.csv", "--target", "kind")
    assert (found.exit_code, found.stderr) == (130, "Interrupted; nothing was written.\n")
    assert [path.name for path in Path().iterdir()] == ["birds.csv"]


def test_a_full_standard_output(trained, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(display, "_print", fail)
    found = trained("inspect", "birds.multilogit")
    refused(found, "the output could not be written: no space left on device.")


def test_a_failed_training_keeps_the_old_model(trained):
    before = Path("birds.multilogit").read_bytes()
    refused(trained("train", "birds.csv", "--target", "length", "-o", "birds.multilogit"))
    assert Path("birds.multilogit").read_bytes() == before


@pytest.mark.parametrize("command", [("inspect",), ("predict",)])
def test_a_damaged_model(trained, command):
    path = Path("birds.multilogit")
    whole = path.read_bytes()
    rest = ("birds.csv",) if command == ("predict",) else ()
    for damaged, part in (
        (whole[:-8], "damaged"),
        (whole[:100], "cut short"),
        (b"", "not a model file"),
        (Path("birds.csv").read_bytes(), "not a model file"),
        (whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:], "damaged: its bytes do not agree with its checksum"),
    ):
        path.write_bytes(damaged)
        refused(trained(*command, path, *rest), "birds.multilogit: ", part)


def test_model_and_data_in_the_wrong_order(trained):
    refused(trained("predict", "birds.csv", "birds.multilogit"), "birds.csv: this is not a model file")


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        (b"length,", b"lenght,", ["no column 'length' (an input of the model). Did you mean 'lenght'?"]),
        (b"\n", b"\nfar,", ["line 2: 5 values, but the header has 4 names"]),
    ],
)
def test_data_that_do_not_fit_the_model(trained, old, new, parts):
    Path("new.csv").write_bytes(Path("birds.csv").read_bytes().replace(old, new, 1))
    refused(trained("predict", "birds.multilogit", "new.csv", "-o", "p.csv"), *parts)
    assert not Path("p.csv").exists()


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ("far,north,true,low", ["'length' holds 'far' in row 2; expected a number"]),
        ("1.5,north,yes,low", ["'tagged' holds 'yes' in row 2; expected true or false"]),
        ("inf,north,true,low", ["'length' is infinite in row 2"]),
    ],
)
def test_a_value_of_another_type(trained, row, parts):
    Path("new.csv").write_text(f"length,place,tagged,kind\n2.5,north,true,low\n{row}\n")
    refused(trained("predict", "birds.multilogit", "new.csv"), *parts)


def test_a_write_that_fails_halfway(trained, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device", "p.csv")

    monkeypatch.setattr(io.atomic.os, "fsync", fail)
    before = sorted(Path().iterdir())
    refused(
        trained("predict", "birds.multilogit", "birds.csv", "-o", "p.csv"),
        "p.csv could not be written: no space left on device.",
    )
    assert sorted(Path().iterdir()) == before
