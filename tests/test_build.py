"""The install without a compiler: it succeeds, runs on the reference kernels, and says so once."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from scikit_build_core.program_search import best_program, get_cmake_programs

from multilogit import functional

ROOT = Path(__file__).resolve().parents[1]
LOGITS = [[0.0, -40.0, 3.5], [1.0, 2.0, 3.0]]

PROGRAM = f"""
import json, pathlib, warnings
import multilogit
from multilogit import LogisticRegression, _kernels, functional

model = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1])
print(json.dumps({{
    "home": str(pathlib.Path(multilogit.__file__).parent),
    "core": _kernels.core,
    "softmax": functional.softmax({LOGITS}).tolist(),
    "status": model.certificate_.status.name,
    "version": multilogit.__version__,
}}))
"""


@pytest.fixture(scope="module")
def without_compiler(tmp_path_factory):
    """Install a copy of the project with CC and CXX pointing at nothing; return the folder it went to."""
    if best_program(get_cmake_programs(), version=None) is None:
        pytest.skip("no CMake is installed: pip would download one, and this test must not")
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
    for name in ("pyproject.toml", "CMakeLists.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("src", "native"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    nowhere = str(tmp_path_factory.mktemp("empty") / "compiler")
    environment = {**os.environ, "CC": nowhere, "CXX": nowhere}
    environment.pop("MULTILOGIT_REQUIRE_NATIVE", None)
    pip = [sys.executable, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index"]
    installation = subprocess.run(
        [
            *pip,
            "--disable-pip-version-check",
            "--no-cache-dir",
            "--verbose",
            "--target",
            str(target),
            str(source),
        ],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    output = installation.stdout + installation.stderr
    assert installation.returncode == 0, output
    assert "installed without compiled kernels" in output
    return target


@pytest.fixture(scope="module")
def run(without_compiler):
    """Run `PROGRAM` on that installation, in a process of its own."""
    # -S and the path keep this environment's own multilogit out: its import hook comes first otherwise.
    path = [str(without_compiler), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONWARNINGS": "default"}
    environment.pop("MULTILOGIT_KERNELS", None)
    return subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM],
        env=environment,
        cwd=without_compiler,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_wheel_holds_no_compiled_file(without_compiler):
    package = without_compiler / "multilogit"
    assert (package / "_kernels" / "reference.py").is_file()
    assert (package / "py.typed").is_file()
    assert not [path for path in package.rglob("*") if path.suffix in {".so", ".pyd", ".dylib"}]
    assert "Root-Is-Purelib: true" in next(without_compiler.glob("*.dist-info/WHEEL")).read_text()


def test_it_runs_on_the_reference_kernels(run, without_compiler):
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert Path(answer["home"]) == without_compiler / "multilogit"
    assert answer["core"] == "reference"
    assert answer["status"] == "CONVERGED"
    assert answer["version"] != "0+unknown"
    assert answer["softmax"] == [pytest.approx(row, rel=1e-15, abs=0.0) for row in functional.softmax(LOGITS).tolist()]


def test_it_says_so_once(run):
    lines = run.stderr.splitlines()
    warnings = [line for line in lines if "Warning:" in line]
    assert len(warnings) == 1, run.stderr
    assert "ReferenceKernelWarning" in warnings[0]
    assert "compiler" in warnings[0]


def test_the_page_of_the_report_is_installed(without_compiler):
    for name in ("page.html", "page.css"):
        assert (without_compiler / "multilogit" / "report" / name).read_bytes() == (
            ROOT / "src" / "multilogit" / "report" / name
        ).read_bytes()
