"""What a newcomer does wrong: one sentence on the standard error, exit code 1, nothing half-written."""

import errno
import os
from pathlib import Path

import pytest
from cli.refusals import nothing_changed, refused

from multilogit._files import atomic
from multilogit.cli import display

TRAIN = ("train", "data.csv", "--target", "y")
FAST = ("--holdout", "none", "--C", "1")
COMMANDS = {
    "predict": ("predict", "birds.mlogit", "birds.csv"),
    "evaluate": ("evaluate", "birds.mlogit", "birds.csv"),
    "explain": ("explain", "birds.mlogit", "birds.csv", "--row", "2"),
    "inspect": ("inspect", "birds.mlogit"),
}


def test_a_file_that_is_not_there(run):
    with nothing_changed():
        refused(run("train", "bird.csv", "--target", "kind"), "there is no file bird.csv. Did you mean birds.csv?")
        refused(run("train", "zzz", "--target", "kind"), "there is no file zzz.")
        refused(run("train", "none/birds.csv", "--target", "kind"), "there is no directory none")
        refused(run("train", "birds.csv", "--target", "kind", "--test", "zzz", *FAST), "there is no file zzz.")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_model_that_is_not_there(run, name):
    refused(run(*COMMANDS[name]), "there is no file birds.mlogit")


@pytest.mark.parametrize("name", ["predict", "evaluate", "explain"])
def test_data_that_are_not_there(trained, name):
    words = [word.replace("birds.csv", "bird.csv") for word in COMMANDS[name]]
    refused(trained(*words), "there is no file bird.csv. Did you mean birds.csv?")


def test_a_directory_in_place_of_a_file(run):
    refused(run("train", ".", "--target", "kind"), ". is a directory; expected a file.")
    refused(run("inspect", "."), ". is a directory")


@pytest.mark.parametrize("address", ["https://example.org/d.csv", "s3://bucket/d.csv", "file:///d.csv"])
def test_an_address_in_place_of_a_file(run, address):
    refused(run("train", address, "--target", "y"), "is an address on a network", "fetch it first")


@pytest.mark.parametrize("words", [("train", "birds.csv", "-t", "kind"), *COMMANDS.values()], ids=lambda w: w[0])
def test_a_file_that_may_not_be_read(run, monkeypatch, words):
    def refuse(path, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    Path("birds.mlogit").touch()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **options: mode != os.R_OK and access(path, mode, **options))
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    refused(run(*words), f"{words[1]} cannot be opened: permission denied.")


def test_a_file_name_with_a_line_break_is_told_in_one_line(run):
    refused(run("inspect", "no\nfile"), "there is no file no\\nfile.")


def test_as_many_classes_as_the_user_wants(run):
    Path("data.csv").write_text("x,y\n" + "".join(f"{i % 13},{25 + i // 2}.0\n" for i in range(50)))
    refused(run(*TRAIN), "this looks like regression")
    found = run(*TRAIN, "--categorical", "y", *FAST)
    assert (found.exit_code, found.stderr) == (0, "")
    assert "25 classes" in found.stdout


def test_texts_only(run):
    header, row = ",".join("abcdefg"), ",".join(["t{0}"] * 7)
    Path("data.csv").write_text(f"{header},y\n" + "".join(f"{row.format(i)},{'pq'[i % 2]}\n" for i in range(30)))
    refused(run(*TRAIN), "no column is left to learn from", "'f': it names the rows (30 different texts in 30 rows)")


def test_a_misspelt_column(run):
    train = ("train", "birds.csv", "--target")
    refused(run(*train, "kinds"), "no column 'kinds' (the target). Did you mean 'kind'?")
    refused(run(*train, "kind", "--drop", "lenght"), "no column 'lenght'", "Did you mean 'length'?")
    refused(run(*train, "kind", "--weights", "w"), "no column 'w' (the weights)")
    refused(run(*train, "kind", "--groups", "g"), "no column 'g' (the groups)")
    for option in ("--categorical", "--numeric", "--text"):
        refused(run(*train, "kind", option, "plaice"), "Did you mean 'place'?")


def test_a_column_cannot_be_two_things(run):
    train = ("train", "birds.csv", "--target", "kind")
    refused(run(*train, "--drop", "place", "--text", "place"), "'place' cannot be both --drop and --text.")
    refused(
        run(*train, "--weights", "length", "--groups", "length"), "'length' is the weights and cannot be the groups"
    )
    refused(run(*train, "--weights", "kind"), "'kind' is the target and cannot be the weights too.")
    refused(run(*train, "--numeric", "kind"), "'kind' is the target and cannot be numeric too.")


def test_a_column_may_be_named_twice_for_the_same(run):
    assert run("train", "birds.csv", "--target", "kind", *FAST, "--drop", "place", "--drop", "place").exit_code == 0


def test_a_full_standard_output(trained, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(display, "_print", fail)
    refused(trained("inspect", "birds.mlogit"), "the output could not be written: no space left on device.")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (lambda whole: whole[:-8], "damaged"),
        (lambda whole: whole[:100], "cut short"),
        (lambda _: b"", "not a model file"),
        (lambda _: b"length,place,tagged,kind\n", "not a model file"),
        (lambda whole: whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:], "damaged"),
        (lambda whole: whole + b"more", "damaged"),
    ],
    ids=["the end cut", "cut short", "empty", "a table", "a bit flipped", "more at the end"],
)
def test_a_damaged_model(trained, name, damage, part):
    Path("birds.mlogit").write_bytes(damage(Path("birds.mlogit").read_bytes()))
    with nothing_changed():
        refused(trained(*COMMANDS[name]), "birds.mlogit: ", part)


def test_model_and_data_in_the_wrong_order(trained):
    refused(trained("predict", "birds.csv", "birds.mlogit"), "birds.csv: this is not a model file")


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        (b"length,", b"lenght,", ["no column 'length' (an input of the model). Did you mean 'lenght'?"]),
        (b"\n", b"\nfar,", ["line 2: 5 values, but the header has 4 names"]),
    ],
)
def test_data_that_do_not_fit_the_model(trained, old, new, parts):
    Path("new.csv").write_bytes(Path("birds.csv").read_bytes().replace(old, new, 1))
    with nothing_changed():
        refused(trained("predict", "birds.mlogit", "new.csv", "-o", "p.csv"), *parts)


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ("far,north,true,low", ["line 3: column 'length' holds 'far'; expected a number"]),
        ("1.5,north,yes,low", ["line 3: column 'tagged' holds 'yes'; expected true or false"]),
        ("inf,north,true,low", ["line 3: column 'length' holds 'inf', which is infinite"]),
        ("1e200,north,true,low", ["'length' is too large to be squared in row "]),
    ],
)
@pytest.mark.parametrize("name", ["predict", "evaluate", "explain"])
def test_a_value_of_another_type(trained, name, row, parts):
    Path("birds.csv").write_text(f"length,place,tagged,kind\n2.5,north,true,low\n{row}\n")
    with nothing_changed():
        refused(trained(*COMMANDS[name]), *parts)


def test_a_write_that_fails_halfway(trained, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device", "p.csv")

    monkeypatch.setattr(atomic.os, "fsync", fail)
    with nothing_changed():
        refused(
            trained("predict", "birds.mlogit", "birds.csv", "-o", "p.csv"),
            "p.csv could not be written: no space left on device.",
        )
