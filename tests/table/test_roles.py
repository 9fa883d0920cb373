import datetime

import polars as pl
import pytest
from table.frames import measurements

from multilogit.errors import InputError
from multilogit.table.columns import read_columns
from multilogit.table.roles import Roles

ROWS = 60


def check(roles, **changes):
    roles.check(read_columns(pl.DataFrame(measurements(ROWS) | changes)))


def test_what_is_there_and_has_one_part_passes():
    check(
        Roles("kind", weights="w", groups="place", overrides={"kind": "categorical", "length": "drop"}),
        w=[1.0, 0.0, None] * 20,
    )


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        (Roles("kin"), r"no column 'kin' \(the target\)\. Did you mean 'kind'\?"),
        (Roles("kind", weights="w"), r"no column 'w' \(the weights\)"),
        (Roles("kind", groups="plac"), r"no column 'plac' \(the groups\)\. Did you mean 'place'\?"),
        (Roles("kind", overrides={"zzz": "text"}), r"no column 'zzz' \(to be text\)\. Its columns are 'length'"),
        (Roles("kind", overrides={"plaice": "drop"}), r"no column 'plaice' \(to be dropped\)\. Did you mean 'place'\?"),
        (Roles("kind", overrides={"place": "levels"}), r"'place' must be one of numeric, categorical, text, drop"),
        (Roles("kind", references={"pl": "west"}), r"no column 'pl' \(a reference\)"),
        (Roles("kind", weights="kind"), r"'kind' is the target and cannot be the weights too"),
        (Roles("kind", groups="kind"), r"'kind' is the target and cannot be the groups too"),
        (Roles("kind", weights="length", groups="length"), r"'length' is the weights and cannot be the groups too"),
        (Roles("kind", overrides={"kind": "drop"}), r"'kind' is the target and cannot be dropped too"),
        (
            Roles("kind", weights="length", overrides={"length": "categorical"}),
            r"the weights and cannot be categorical",
        ),
        (Roles("kind", weights="place"), r"the weights 'place' hold text; expected numbers >= 0"),
    ],
)
def test_what_cannot_be(roles, sentence):
    with pytest.raises(InputError, match=sentence):
        check(roles)


@pytest.mark.parametrize(
    ("first", "sentence"), [(-0.5, r"'w' are negative in row 3 \(-0\.5\)"), (float("inf"), "'w' is infinite in row 3")]
)
def test_a_weight_that_cannot_be_names_its_row(first, sentence):
    with pytest.raises(InputError, match=sentence):
        check(Roles("kind", weights="w"), w=[1.0, None, first] + [1.0] * (ROWS - 3))


def test_groups_that_would_all_be_one_are_refused():
    days = [datetime.date(2020, 1, 1 + row // 6) for row in range(ROWS)]
    with pytest.raises(InputError, match="the groups 'day' hold dates or times; convert them to text"):
        check(Roles("kind", groups="day"), day=days)
