"""What a page of measurements must say of the machine and of the versions that ran."""

import datetime
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from benchmarks.process import THREADS
from benchmarks.store import ROOT

__all__ = ["facts", "stamp"]

PACKAGES = ("numpy", "scipy", "scikit-learn", "statsmodels", "torch", "jax", "jaxlib", "keras", "threadpoolctl")


def facts() -> dict[str, str]:
    """Return name to value, in the order of printing."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": _memory(),
        "system": platform.platform(),
        "thread counts tried": ", ".join(map(str, THREADS)),
        "Python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "BLAS": _blas(),
        "kernels of multilogit": _kernels(),
    }


def stamp() -> dict[str, str]:
    """Return commit and date."""
    return {"commit": _commit(), "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")}


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    model = f"family {names['cpu family']}, model {names['model']}" if "cpu family" in names else ""
    flags = [flag for flag in ("avx2", "avx512f") if flag in names.get("flags", "").split()]
    return ", ".join(part for part in (names.get("model name", platform.machine()), model, *flags) if part)


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _blas() -> str:
    """Return the BLAS of NumPy and of SciPy: each carries its own."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    names = {
        Path(each["filepath"]).parent.name.removesuffix(".libs"): each
        for each in threadpool_info()
        if each["user_api"] == "blas"
    }
    found = (
        f"{each['internal_api']} {each['version']} ({each.get('architecture')}, in {owner})"
        for owner, each in names.items()
    )
    return "; ".join(found)


def _kernels() -> str:
    """Return what `multilogit.show_versions` says of the kernels and of the instruction set that they use."""
    from multilogit._versions import versions

    told = versions()
    return ", ".join(told[name] for name in ("kernels", "level") if name in told)


def _commit() -> str:
    """Return the short commit, with a plus where tracked files differ from it."""
    try:
        command = ["git", "-C", str(ROOT)]
        head = subprocess.run([*command, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(
            [*command, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")
