import os
from pathlib import Path

import pytest

from multilogit.cli.outputs import begins_as_predictions, refuse_to_overwrite
from multilogit.errors import InputError


@pytest.mark.parametrize(
    ("start", "is_own"),
    [
        ("prediction,p_a,p_b\n", True),
        ('prediction,"p_a,b",p_c\n', True),
        ("prediction\n", False),
        ("predictions,p_a\n", False),
        ("x,y\n", False),
        ("", False),
    ],
)
def test_how_predictions_begin(tmp_path, start, is_own):
    path = tmp_path / "p.csv"
    path.write_text(start)
    assert begins_as_predictions(path) is is_own


def test_an_input_is_known_under_other_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("d.csv").write_text("x\n")
    os.link("d.csv", "hard.csv")
    Path("soft.csv").symlink_to("d.csv")
    for name in ("d.csv", "./d.csv", str(tmp_path / "d.csv"), "hard.csv", "soft.csv"):
        with pytest.raises(InputError, match=r"is the input d\.csv"):
            refuse_to_overwrite(Path(name), Path("m"), Path("d.csv"))
    refuse_to_overwrite(Path("new"), Path("d.csv"))
