import json
import os
import sys

import pytest
from benchmarks import process, worker
from benchmarks.process import RunError


@pytest.fixture
def script(monkeypatch, tmp_path):
    """Replace the worker by a script that sees the job as sys.argv[1]."""

    def write(text):
        (tmp_path / "stub.py").write_text(text, encoding="utf-8")
        folder = os.pathsep.join([str(tmp_path), *sys.path])
        monkeypatch.setenv("PYTHONPATH", folder)
        monkeypatch.setattr(process, "WORKER", "stub")

    return write


def test_the_records_come_back_and_other_lines_do_not(script):
    script('print("a word of a library"); print(\'{"seconds": 0.5}\'); print(\'{"seconds": 0.25}\')')
    assert process.run({}, threads=1, limit=60) == [{"seconds": 0.5}, {"seconds": 0.25}]


def test_the_job_and_the_threads_reach_the_worker(script):
    script(
        "import json, os, sys\n"
        "job = json.loads(sys.argv[1])\n"
        "print(json.dumps({**job, 'seen': [os.environ[v] for v in sorted(os.environ) if v.endswith('NUM_THREADS')]}))"
    )
    (found,) = process.run({"kind": "x"}, threads=3, limit=60)
    assert (found["kind"], found["threads"], set(found["seen"])) == ("x", 3, {"3"})
    assert len(found["seen"]) >= 4


def test_what_was_written_before_the_limit_counts(script):
    script("import sys, time; print('{\"seconds\": 1}', flush=True); time.sleep(60)")
    assert process.run({}, threads=1, limit=1.5) == [{"seconds": 1}]


def test_nothing_before_the_limit_is_an_error(script):
    script("import time; time.sleep(60)")
    with pytest.raises(RunError, match="ran past 0 s"):
        process.run({}, threads=1, limit=0.3)


def test_a_failure_gives_its_last_line(script):
    script("raise MemoryError('no room')")
    with pytest.raises(RunError, match="ended with status 1: MemoryError: no room"):
        process.run({}, threads=1, limit=60)


def test_the_worker_runs_its_job(monkeypatch, capsys):
    monkeypatch.setitem(worker.JOBS, "echo", lambda job: iter([{"heard": job["word"]}]))
    monkeypatch.setattr(sys, "argv", ["worker", json.dumps({"kind": "echo", "word": "w", "threads": 10**6})])
    worker.main()
    assert json.loads(capsys.readouterr().out) == {"heard": "w"}
