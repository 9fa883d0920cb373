import io
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from multilogit.cli import progress
from multilogit.cli.progress import working

pty = pytest.importorskip("pty")


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def screen(monkeypatch):
    """A terminal whose user loses patience after a hundredth of a second."""
    found = Screen()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=found))
    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    return found


def test_what_takes_long_is_told_and_taken_back(screen):
    with working("Fitting 60 rows", quiet=False):
        time.sleep(0.1)
        assert screen.getvalue() == "Fitting 60 rows..."
    assert screen.getvalue() == "Fitting 60 rows...\r\033[K"


def test_what_comes_next_takes_the_place_of_what_was(screen):
    with working("Reading", quiet=False) as tell:
        tell("Fitting")  # too soon to be shown
        time.sleep(0.1)
        tell("Writing")
    assert screen.getvalue() == "Fitting...\r\033[KWriting...\r\033[K"


def test_it_is_taken_back_after_an_error(screen):
    with pytest.raises(ZeroDivisionError), working("Fitting", quiet=False):
        1 / (time.sleep(0.1) or 0)
    assert screen.getvalue().endswith("\r\033[K")


def test_what_is_soon_done_is_not_told(screen, monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 60.0)
    start = time.monotonic()
    with working("Fitting", quiet=False):
        pass
    assert screen.getvalue() == ""
    assert time.monotonic() - start < 5.0


def test_the_patience_is_half_a_second():
    assert progress._PATIENCE == 0.5


def test_quiet_and_pipes_show_nothing(screen, monkeypatch):
    with working("Fitting", quiet=True):
        time.sleep(0.05)
    monkeypatch.setattr(screen, "isatty", lambda: False, raising=False)
    with working("Fitting", quiet=False):
        time.sleep(0.05)
    assert screen.getvalue() == ""


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["plain", "NO_COLOR"])
def test_a_real_terminal(trained, environment):
    """The other end of the terminal sees bold headings and no colours."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "multilogit", "inspect", "birds.mlogit"]
    settings = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    settings |= {"TERM": "xterm-256color", **environment}
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, env=settings) as process:
        os.close(theirs)
        seen = b""
        while chunk := read(ours):
            seen += chunk
        assert process.wait(timeout=60) == 0
    os.close(ours)
    assert b"birds.mlogit: softmax regression for kind" in seen
    assert b"\x1b[1m" in seen
    assert b"\x1b[3" not in seen
    assert b"Traceback" not in seen


def read(descriptor):
    """Return what a terminal holds, and nothing once its other end is closed."""
    try:
        return os.read(descriptor, 65_536)
    except OSError:
        return b""
