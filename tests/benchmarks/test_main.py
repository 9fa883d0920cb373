"""The command of the benchmarks: where its page goes."""

import pytest
from benchmarks.__main__ import page_folder, parser
from benchmarks.store import FOLDER, ROOT


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        ([], ROOT / "docs" / "benchmarks"),
        (["--page"], ROOT / "docs" / "benchmarks"),
        (["iris", "--page"], ROOT / "docs" / "benchmarks"),
        (["iris"], FOLDER / "full" / "page"),
        (["--dtypes", "float32"], FOLDER / "full" / "page"),
        (["--rivals", "multilogit"], FOLDER / "full" / "page"),
        (["--budget", "0.1"], FOLDER / "full" / "page"),
        (["--quick", "--page"], FOLDER / "quick" / "page"),
    ],
)
def test_a_partial_run_leaves_the_published_page_alone(words, folder):
    assert page_folder(parser().parse_args(words)) == folder
