"""What loading a file costs: each is loaded in a process of its own, split off from one that imported everything."""

import json
import os
import subprocess
import sys

PROGRAM = """
import json, os, resource, sys, time
from pathlib import Path
from multilogit import io
from multilogit.errors import ModelFileError
warm = Path(sys.argv[1])
io.load(warm)

def outcome(path):
    try:
        io.load(path)
    except ModelFileError as error:
        return "refused", str(error)
    except BaseException as error:
        return type(error).__name__, str(error)[:200]
    return "loaded", ""

def measure(path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    how, why = outcome(path)
    seconds = time.process_time() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"how": how, "why": why[:300], "letters": len(why), "seconds": seconds, "megabytes": grown / 1024}

for path in sys.argv[2:]:
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        os.close(ours)
        os.write(theirs, json.dumps(measure(path)).encode()[:4000])
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as pipe:
        print(pipe.read().decode() or "{}", flush=True)
    os.waitpid(child, 0)
"""


def loaded(warm, paths):
    """Return how each file was answered, in how many seconds of the processor, and with how many megabytes more."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PROGRAM, str(warm), *map(str, paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, env=environment)
    return [json.loads(line) for line in answer.stdout.splitlines()]
