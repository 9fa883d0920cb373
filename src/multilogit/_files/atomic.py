"""Writing files whole or not at all."""

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from multilogit.errors import InputError

__all__ = ["WriteError", "check_replaceable", "check_writable", "write_all", "write_atomically"]


class WriteError(OSError):
    """A file could not be written; ``filename`` is the file that was asked for, ``strerror`` the reason."""


def check_writable(path: Path) -> None:
    """Raise early what `write_atomically` would raise late, as far as that can be known.

    Raises
    ------
    OSError
        If the path is a directory, or its directory does not exist or does not let files be made.
    """
    target = path.resolve()
    if target.is_dir():
        raise _os_error(IsADirectoryError, errno.EISDIR, path)
    if not target.parent.exists():
        raise _os_error(FileNotFoundError, errno.ENOENT, path)
    if not target.parent.is_dir():
        raise _os_error(NotADirectoryError, errno.ENOTDIR, path)
    replaced = target if target.exists() and not target.is_file() else target.parent
    if not os.access(replaced, os.W_OK):
        raise _os_error(PermissionError, errno.EACCES, path)


def check_replaceable(output: Path, is_own: Callable[[Path], bool], kind: str) -> None:
    """Raise if the output is an existing file of another kind; an empty file may be replaced.

    Parameters
    ----------
    output : Path
    is_own : callable
        Whether an existing file is of the kind that will be written.
    kind : str
        That kind in words, after "not".

    Raises
    ------
    InputError
        Naming the file.
    """
    if output.is_file() and output.stat().st_size and not is_own(output):
        raise InputError(
            f"{output} exists and is not {kind}, so it is not replaced; choose another name, or remove it."
        )


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that at any moment, even after a crash, the path holds the old bytes or the new ones.

    The bytes go to a new file beside the target, which is flushed to the disk and renamed over the target;
    then the directory is flushed. A symbolic link is followed, an existing file keeps its permissions, and a
    pipe or a device is written to directly.

    Parameters
    ----------
    path : Path
    data : bytes

    Raises
    ------
    OSError
        As `check_writable`.
    WriteError
        If the file cannot be written; then nothing is left behind.
    """
    write_all({path: data})


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write several files as `write_atomically` writes one: all bytes are on the disk before any file is replaced.

    Raises
    ------
    OSError
        As `check_writable`.
    WriteError
        If one of them cannot be written; then no other has been replaced. Only where a rename itself fails are the
        files before it new.
    """
    for path in contents:
        check_writable(path)
    ready: list[tuple[Path, Path, Path]] = []
    try:
        for path, data in contents.items():
            with _blamed_on(path):
                ready += [(path, *made) for made in _prepared(path.resolve(), data)]
        for path, temporary, target in ready:
            with _blamed_on(path):
                temporary.replace(target)
    finally:
        for _, temporary, _ in ready:
            temporary.unlink(missing_ok=True)
    for directory in {target.parent for _, _, target in ready}:
        _flush_directory(directory)


def _prepared(target: Path, data: bytes) -> list[tuple[Path, Path]]:
    """Write the bytes to a new file; return it with the file that it will be. A pipe or a device gets them at once."""
    mode = target.stat().st_mode if target.exists() else None
    if mode is not None and not stat.S_ISREG(mode):
        target.write_bytes(data)
        return []
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            if mode is not None:
                temporary.chmod(stat.S_IMODE(mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return [(temporary, target)]


@contextmanager
def _blamed_on(path: Path) -> Iterator[None]:
    """Name the file that was asked for in every error of the system."""
    try:
        yield
    except OSError as error:
        raise WriteError(error.errno, error.strerror or str(error), str(path)) from error


def _flush_directory(path: Path) -> None:
    """Make the rename itself durable, where the system lets directories be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _os_error(kind: type[OSError], code: int, path: Path) -> OSError:
    return kind(code, os.strerror(code), str(path))
