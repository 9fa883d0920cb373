import os
import stat
import threading

import pytest

from multilogit._files.atomic import WriteError, check_replaceable, check_writable, write_all, write_atomically
from multilogit.errors import InputError


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "model.multilogit"
    path.write_bytes(b"old")
    return path


def test_new_bytes_replace_old_ones(target):
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(target, monkeypatch, call, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(type(error)):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


def test_bytes_are_flushed_before_the_rename(target, monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: steps.append("fsync") or fsync(descriptor))
    monkeypatch.setattr(os, "replace", lambda *paths: steps.append("replace") or replace(*paths))
    write_atomically(target, b"new")
    assert steps == ["fsync", "replace", "fsync"]


def test_permissions_survive_and_new_files_follow_the_umask(target):
    target.chmod(0o640)
    write_atomically(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    fresh = target.with_name("fresh")
    write_atomically(fresh, b"new")
    plain = target.with_name("plain")
    plain.touch()
    assert fresh.stat().st_mode == plain.stat().st_mode


def test_a_link_is_followed(target):
    link = target.with_name("link")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_is_written_to_directly(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, b"new")
    reader.join(10)
    assert read == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_places_where_no_file_can_be(target):
    for path, error in (
        (target.parent, IsADirectoryError),
        (target.parent / "none" / "file", FileNotFoundError),
        (target / "file", NotADirectoryError),
    ):
        with pytest.raises(error) as raised:
            check_writable(path)
        assert raised.value.filename == str(path)
        with pytest.raises(error):
            write_atomically(path, b"new")


def test_a_directory_that_cannot_be_written(target, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError):
        check_writable(target)


def test_a_failure_names_the_file_that_was_asked_for(target, monkeypatch):
    def fail(source, *_):
        raise OSError(28, "No space left on device", str(source))

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(WriteError) as raised:
        write_atomically(target, b"new")
    assert (raised.value.filename, raised.value.strerror) == (str(target), "No space left on device")
    assert ".tmp" not in str(raised.value)


def test_a_failure_names_a_link_and_not_what_it_points_to(target, monkeypatch):
    link = target.with_name("link")
    link.symlink_to(target)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(WriteError) as raised:
        write_atomically(link, b"new")
    assert raised.value.filename == str(link)


@pytest.fixture
def two(target):
    """A file that exists and one that does not."""
    return {target: b"new", target.with_name("report.html"): b"page"}


def test_all_files_are_written(two, target):
    write_all(two)
    assert {path: path.read_bytes() for path in target.parent.iterdir()} == two


def test_every_file_is_on_the_disk_before_any_is_replaced(two, monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: steps.append("fsync") or fsync(descriptor))
    monkeypatch.setattr(os, "replace", lambda *paths: steps.append("replace") or replace(*paths))
    write_all(two)
    assert steps == ["fsync", "fsync", "replace", "replace", "fsync"]


@pytest.mark.parametrize("failing", [0, 1])
def test_if_one_file_cannot_be_written_no_other_is_replaced(two, target, monkeypatch, failing):
    flushed, fsync = [], os.fsync

    def fail_once(descriptor):
        flushed.append(descriptor)
        if len(flushed) == failing + 1:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fail_once)
    with pytest.raises(WriteError) as raised:
        write_all(two)
    assert raised.value.filename == str(list(two)[failing])
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


def test_a_place_where_no_file_can_be_stops_the_others(two, target):
    with pytest.raises(FileNotFoundError):
        write_all(two | {target.parent / "none" / "file": b""})
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


def test_an_interrupted_rename_leaves_no_temporary_file(two, target, monkeypatch):
    replaced, replace = [], os.replace

    def fail_at_the_second(*paths):
        replaced.append(paths)
        if len(replaced) == 2:
            raise KeyboardInterrupt
        replace(*paths)

    monkeypatch.setattr(os, "replace", fail_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        write_all(two)
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_no_files_are_written_in_no_time():
    write_all({})


def test_new_and_empty_files_and_those_of_ones_own_are_replaceable(tmp_path):
    path = tmp_path / "m"
    check_replaceable(path, lambda _: pytest.fail("there is no file"), "a model")
    path.touch()
    check_replaceable(path, lambda _: pytest.fail("the file is empty"), "a model")
    path.write_text("x")
    check_replaceable(path, lambda _: True, "a model")
    with pytest.raises(InputError, match=r"m exists and is not a model, so it is not replaced; choose another name"):
        check_replaceable(path, lambda _: False, "a model")
