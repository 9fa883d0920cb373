"""The house rules that a machine can check: sizes, floors, public names, what an import loads."""

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
import types
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import multilogit

ROOT = Path(__file__).resolve().parents[1]
FILE_LIMIT = 400
FUNCTION_LIMIT = 40

# What may be longer, each with its reason: "path" for a file, "path::Class.function" for a function.
LONGER: dict[str, str] = {}

SOURCES = sorted(
    path
    for folder, pattern in [
        ("src", "*.py*"),
        ("tests", "*.py"),
        ("benchmarks", "*.py"),
        ("native", "*.[ch]pp"),
    ]
    for path in (ROOT / folder).rglob(pattern)
    if path.suffix in {".py", ".pyi", ".cpp", ".hpp"}
)


def walk_functions(node, prefix=""):
    """Yield (qualified name, lines of the body without its docstring) of every function below the node."""
    for child in ast.iter_child_nodes(node):
        name = f"{prefix}{child.name}" if hasattr(child, "name") else prefix
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            body = child.body[1:] if ast.get_docstring(child) is not None else child.body
            yield name, body[-1].end_lineno - body[0].lineno + 1 if body else 0
        inner = f"{name}." if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else prefix
        yield from walk_functions(child, inner)


def too_long(paths):
    """Return {what: lines} for the files and functions above their limits."""
    found = {}
    for path in paths:
        name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        if (lines := len(text.splitlines())) > FILE_LIMIT:
            found[name] = lines
        if path.suffix == ".py":
            functions = walk_functions(ast.parse(text))
            found |= {f"{name}::{function}": lines for function, lines in functions if lines > FUNCTION_LIMIT}
    return found


def public_modules():
    """Return every module of the package whose dotted name has no private part."""
    names = [module.name for module in pkgutil.walk_packages(multilogit.__path__, "multilogit.")]
    public = [name for name in names if not any(part.startswith("_") for part in name.split("."))]
    return [importlib.import_module(name) for name in public]


def loaded_by(statement):
    """Return the top-level packages, Python's own excepted, that a fresh process loads for the statement."""
    program = (
        "import json, sys; before = set(sys.modules)\n"
        f"{statement}\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in set(sys.modules) - before})))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return {name for name in json.loads(answer.stdout) if name not in sys.stdlib_module_names}


def test_files_and_functions_are_short():
    assert len(SOURCES) > 10
    longer = too_long(SOURCES)
    unexcused = [f"{name}: {lines} lines" for name, lines in longer.items() if name not in LONGER]
    assert not unexcused, "split these, or write the reason into LONGER"
    assert not set(LONGER) - set(longer), "these are short again: delete them from LONGER"
    assert all(len(reason.split()) > 3 for reason in LONGER.values())


def test_the_measure_counts_a_body_without_its_docstring():
    text = """
class A:
    def f(self):
        '''One.

        Two.
        '''
        x = (
            1)
        def g(): return x
        return g
"""
    assert list(walk_functions(ast.parse(text))) == [("A.f", 4), ("A.f.g", 1)]


@pytest.mark.parametrize(("document", "limit"), [("ARCHITECTURE.md", 80)])
def test_documents_are_short(document, limit):
    assert len((ROOT / document).read_text(encoding="utf-8").splitlines()) <= limit


def test_imports_only_point_down(capsys):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


def visible_names(module):
    """Return the names without underscore that a package gathers from its modules, or a module defines."""
    home = "multilogit" if hasattr(module, "__path__") else module.__name__
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and (getattr(value, "__module__", None) or "").startswith(home)
    }


def test_every_public_module_lists_what_is_visible():
    problems = []
    modules = public_modules()
    for module in modules:
        listed = getattr(module, "__all__", [])
        problems += [f"{module.__name__}.{name} is not in __all__" for name in visible_names(module) - set(listed)]
        problems += [f"{module.__name__} has no {name}" for name in listed if not hasattr(module, name)]
        problems += [f"{module.__name__}.__all__ repeats a name"] * (len(set(listed)) < len(listed))
    assert not problems
    names = {module.__name__ for module in modules}
    assert {"multilogit.errors", "multilogit.functional", "multilogit.estimators"} <= names


def test_every_public_name_of_the_facade_loads_and_is_documented():
    assert dir(multilogit) == multilogit.__all__ == sorted(multilogit.__all__)
    for name in multilogit.__all__:
        assert getattr(multilogit, name).__doc__, f"multilogit.{name} has no docstring"


def test_star_import_brings_the_facade():
    namespace = {}
    exec("from multilogit import *", namespace)
    assert set(multilogit.__all__) <= set(namespace)


def test_a_misspelt_name_is_answered_with_the_names():
    with pytest.raises(AttributeError, match=r"no attribute 'LogisticRegresion'.*LogisticRegression"):
        multilogit.LogisticRegresion  # noqa: B018


def test_facade_and_stub_agree():
    """The stub imports each public name from the very home where the facade looks for it."""
    tree = ast.parse((ROOT / "src/multilogit/__init__.pyi").read_text(encoding="utf-8"))
    homes = {
        alias.asname: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    listed = next(ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign))
    typed = {node.target.id for node in tree.body if isinstance(node, ast.AnnAssign)}
    assert homes == multilogit._HOMES
    assert listed == multilogit.__all__ == sorted([*homes, *typed])


def test_importing_the_package_loads_nothing_heavier_than_numpy():
    assert loaded_by("import multilogit; dir(multilogit)") <= {"multilogit", "numpy"}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("from multilogit import InputError, Status; import multilogit", {"multilogit"}),
        ("from multilogit import __version__", {"multilogit"}),
        ("from multilogit import functional", {"multilogit", "numpy"}),
    ],
)
def test_a_name_loads_only_its_own_floor(statement, allowed):
    assert loaded_by(statement) <= allowed


def test_the_estimator_loads_nothing_of_the_command_line():
    loaded = loaded_by("from multilogit import LogisticRegression")
    assert "sklearn" in loaded
    # rich may be there: scikit-learn itself loads it for its callbacks, where it is installed.
    assert not loaded & {"matplotlib", "polars", "typer", "statsmodels"}
