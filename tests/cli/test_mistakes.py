"""What a newcomer does wrong: one sentence on the standard error, exit code 1, nothing half-written."""

from pathlib import Path

import pytest

from multilogit import io

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
        (b"x,y\n1,1.5\n2,2.5\n3,1.5\n", ["'y' holds fractional numbers (row 1: 1.5)", "ranges"]),
        (b"x,y\n1,a\n2,b\n3,c\n", ["'y' has 3 different values in 3 rows"]),
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
    refused(trained("predict", "birds.multilogit", "birds.csv", "-o", "p.csv"), "p.csv: No space left on device.")
    assert sorted(Path().iterdir()) == before
