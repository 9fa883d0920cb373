"""Damaged inputs: one sentence, exit code 1, and every file of the directory as it was."""

import errno
import gzip
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli.damage import DAMAGED, LAST, PARQUET, TABLE, TEN_MB, column, line, wide
from cli.refusals import nothing_changed, refused

from multilogit import io

FAST = ("--holdout", "none", "--C", "1")
TRAIN = ("train", "data.csv", "--target", "y")


@pytest.fixture
def with_model(run, birds_model):
    """The same command line, where a model stands under the name that a training of data.csv would give."""
    Path("data.mlogit").write_bytes(birds_model)
    return run


@pytest.mark.parametrize(("content", "options", "parts"), DAMAGED)
def test_a_damaged_table_is_refused_in_one_sentence(with_model, content, options, parts):
    Path("data.csv").write_bytes(content() if callable(content) else content)
    target = () if "--target" in options else ("--target", "y")
    with nothing_changed():
        found = with_model("train", "data.csv", *target, *options)
    refused(found, *parts)
    assert found.stdout == ""


def test_there_are_more_than_a_hundred_of_them():
    assert len({case.id for case in DAMAGED}) > 100


READ = {
    "as it is": (TABLE, ()),
    "byte order mark": (b"\xef\xbb\xbf" + TABLE, ()),
    "no line break at the end": (TABLE[:-1], ()),
    "lines of Windows": (TABLE.replace(b"\n", b"\r\n"), ()),
    "lines of the old Mac": (TABLE.replace(b"\n", b"\r"), ()),
    "blank lines everywhere": (b"\n\n" + TABLE.replace(b"\n", b"\n\n"), ()),
    "semicolons": (TABLE.replace(b",", b";"), ()),
    "semicolons after a blank line": (b"\n" + TABLE.replace(b",", b";"), ()),
    "tabs": (TABLE.replace(b",", b"\t"), ()),
    "bars": (TABLE.replace(b",", b"|"), ()),
    "another separator": (TABLE.replace(b",", b"^"), ("--separator", "^")),
    "the tab by its name": (TABLE.replace(b",", b"\t"), ("--separator", "tab")),
    "decimal commas": (TABLE.replace(b",", b";").replace(b".", b","), ("--decimal", ",")),
    "spaces around values": (TABLE.replace(b",", b" , "), ()),
    "quotes around values": (b"\n".join(b'"%s"' % each.replace(b",", b'","') for each in TABLE.split()), ()),
    "UTF-16": (TABLE.decode().encode("utf-16"), ("--encoding", "utf-16")),
    "UTF-32": (TABLE.decode().encode("utf-32"), ("--encoding", "UTF_32")),
    "gzip": (gzip.compress(TABLE), ()),
}


@pytest.mark.parametrize(("content", "options"), READ.values(), ids=READ)
def test_these_are_read_as_the_same_table(run, content, options):
    Path("plain.csv").write_bytes(TABLE)
    Path("data.csv").write_bytes(content)
    for name, words in (("plain.csv", ()), ("data.csv", options)):
        assert run("train", name, "--target", "y", *FAST, *words).exit_code == 0
    plain, other = (io.load(f"{name}.mlogit") for name in ("plain", "data"))
    assert other.schema == plain.schema
    assert other.estimator.coef_.tobytes() == plain.estimator.coef_.tobytes()


def test_latin_1_works_as_the_sentence_says(run):
    Path("data.csv").write_bytes(TABLE.decode().replace("p", "é").encode("latin-1"))
    assert run(*TRAIN, *FAST, "--encoding", "latin-1").exit_code == 0
    assert io.load("data.mlogit").schema.columns[1].levels == ("q", "é")


@pytest.mark.parametrize(
    "text", ['5" screw', "'p", 'p""q', "ça, va".replace(",", ""), "日本", "=1+1", "#", "a" * 9_999]
)
def test_odd_texts_are_read(run, text):
    Path("data.csv").write_bytes(line(5, f"1,{text},a"))
    assert run(*TRAIN, *FAST).exit_code == 0
    assert text in io.load("data.mlogit").schema.columns[1].levels


@pytest.mark.parametrize("mark", ["", " ", "NA", "N/A", "NaN", "null", "None", "?"])
def test_missing_values_are_no_damage(run, mark):
    Path("data.csv").write_bytes(column("1", "2", mark, "4"))
    assert run(*TRAIN, *FAST).exit_code == 0
    assert io.load("data.mlogit").schema.columns[0].marks_missing


def test_parquet_is_known_by_its_content(run):
    Path("data.csv").write_bytes(PARQUET)
    assert run(*TRAIN, *FAST).exit_code == 0


@pytest.mark.parametrize("name", ["data.parquet", "DATA.PQ"])
def test_a_table_of_text_that_is_named_parquet(run, name):
    Path(name).write_bytes(TABLE)
    with nothing_changed():
        refused(run("train", name, "--target", "y"), f"{name} is not a Parquet file", "rename it if it is CSV")


def test_bits_flipped_in_parquet_end_in_a_sentence_or_a_model(run, capfd):
    generator = random.Random(0)
    for _ in range(60):
        damaged = bytearray(PARQUET)
        damaged[generator.randrange(4, len(damaged))] ^= 1 << generator.randrange(8)
        Path("data.csv").write_bytes(damaged)
        found = run(*TRAIN, *FAST, "--quiet")
        if found.exit_code != 0:
            refused(found)
    capfd.readouterr()  # what the reader's own threads say about it


def test_ten_thousand_columns_train(run):
    Path("data.csv").write_bytes(wide()())
    found = run(*TRAIN, *FAST)
    assert (found.exit_code, found.stderr) == (0, "")
    assert "more columns" in found.stdout


def test_a_cell_of_ten_megabytes_is_no_class(with_model):
    Path("data.csv").write_bytes(line(5, f"1,p,{TEN_MB}"))
    with nothing_changed():
        found = with_model(*TRAIN, *FAST)
    refused(found)
    assert found.stdout == ""


def test_a_table_that_may_not_be_read(with_model, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    Path("data.csv").write_bytes(TABLE)
    with nothing_changed(), monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refuse)
        found = with_model(*TRAIN)
    refused(found, "data.csv cannot be opened: permission denied.")


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root reads every file")
def test_a_table_without_the_right_to_read_it(with_model):
    Path("data.csv").write_bytes(TABLE)
    Path("data.csv").chmod(0)
    refused(with_model(*TRAIN), "data.csv cannot be opened: permission denied.")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (".", ". is a directory; expected a file."),
        ("dta.csv", "there is no file dta.csv. Did you mean data.csv?"),
        ("none/data.csv", "there is no directory none"),
        ("data.csv/data.csv", "data.csv"),
        ("https://example.org/data.csv", "is an address on a network"),
        ("/dev/null", "null is empty"),
        ("x" * 300, "file name too long"),
        ("*.csv", "there is no file *.csv"),
        ("a\nb", "there is no file a\\nb."),
    ],
)
def test_a_place_without_a_table(with_model, name, part):
    Path("data.csv").write_bytes(TABLE)
    with nothing_changed():
        refused(with_model("train", name, "--target", "y"), part)


@pytest.mark.parametrize(("content", "options", "parts"), [case for case in DAMAGED if case.id.startswith("short")])
def test_a_damaged_standard_input_is_refused_too(with_model, content, options, parts):
    with nothing_changed():
        found = with_model("train", "-", "--target", "y", *options, stdin=content)
    refused(found, *(part.replace("data.csv", "standard input") for part in parts))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "words", [("-o", "/dev/full"), ("--report", "/dev/full"), ("-o", "new", "--report", "/dev/full")]
)
def test_a_full_disk(with_model, words):
    Path("data.csv").write_bytes(TABLE)
    with nothing_changed():
        found = with_model(*TRAIN, *FAST, *words)
    refused(found, "/dev/full could not be written: no space left on device.")
    assert found.stdout == ""


LIMITED = """
import resource, signal, sys
import matplotlib.font_manager  # writes a list of its own, once
import multilogit.cli.app, multilogit.report, multilogit.results
from multilogit.cli.entry import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
main()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs limits on files")
@pytest.mark.parametrize(
    ("most", "words", "part"),
    [
        (500, (*TRAIN, *FAST), "data.mlogit could not be written: file too large."),
        (20_000, (*TRAIN, *FAST, "--report", "r.html"), "r.html could not be written: file too large."),
        (500, ("predict", "data.mlogit", "birds.csv", "-o", "p.csv"), "p.csv could not be written: file too large."),
    ],
    ids=["model", "report alone", "predictions"],
)
def test_a_real_limit_leaves_every_file_as_it_was(with_model, most, words, part):
    Path("data.csv").write_bytes(TABLE)
    with nothing_changed():
        found = subprocess.run(
            [sys.executable, "-B", "-c", LIMITED, str(most), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == f"error: {part}\n"


def test_the_same_command_works_without_the_limit(with_model):
    Path("data.csv").write_bytes(TABLE)
    before = Path("data.mlogit").read_bytes()
    assert with_model(*TRAIN, *FAST, "--report", "r.html").exit_code == 0
    assert Path("data.mlogit").read_bytes() != before
    assert 500 < Path("data.mlogit").stat().st_size < 20_000 < Path("r.html").stat().st_size


def test_the_last_line_is_where_the_table_ends():
    assert TABLE.count(b"\n") == LAST
