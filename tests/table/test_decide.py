import datetime

import polars as pl
import pytest

from multilogit.errors import InputError
from multilogit.table.columns import read_columns
from multilogit.table.decide import (
    FEW_LEVELS,
    MOST_LEVELS,
    check_finite,
    decide,
    names_rows,
    partition,
    reason_to_leave_out,
)
from multilogit.table.schema import Boolean, Categorical, Numeric


def column(values, name="x"):
    return read_columns(pl.DataFrame({name: values}))[name]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([None, None], "no values"),
        ([[1], [2]], "nested or binary values"),
        ([datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)], "dates or times"),
        ([2007, 2007, None], "constant: 2007"),
        (["a", "a"], "constant: a"),
        ([True, True], "constant: true"),
        (["a", "b", "c"], "each of its 3 texts occurs once"),
        ([f"t{i // 2}" if i < 20 else f"u{i}" for i in range(60)], "50 different texts in 60 rows"),
    ],
)
def test_reasons(values, reason):
    assert reason in reason_to_leave_out(column(values), forced=False)


@pytest.mark.parametrize("values", [[1.0, 2.0], [True, False], ["a", "b", "a"], ["a", "a", "b", None]])
def test_inputs_are_kept(values):
    assert reason_to_leave_out(column(values), forced=False) is None


def test_a_text_with_thousands_of_levels_needs_to_be_forced():
    levels = column([f"t{i % (MOST_LEVELS + 1)}" for i in range(4 * MOST_LEVELS)])
    assert "more than 1,000" in reason_to_leave_out(levels, forced=False)
    assert reason_to_leave_out(levels, forced=True) is None


def test_forcing_does_not_save_a_constant():
    assert "constant" in reason_to_leave_out(column(["a", "a"]), forced=True)


@pytest.mark.parametrize("name", ["", "id", "ID", "Unnamed: 0", "column_1"])
@pytest.mark.parametrize("start", [0, 1])
def test_a_counter_of_rows_is_left_out(name, start):
    assert reason_to_leave_out(column([start, start + 1, start + 2], name), forced=False) == "it counts the rows"


@pytest.mark.parametrize("start", [0, 1, 1001, -5])
def test_a_counter_is_known_by_its_values_in_a_longer_table(start):
    counter = [start + row for row in range(FEW_LEVELS + 1)]
    assert reason_to_leave_out(column(counter, "dose"), forced=False) == "it counts the rows"
    assert reason_to_leave_out(column([float(n) for n in counter], "dose"), forced=False) == "it counts the rows"
    assert reason_to_leave_out(column(counter, "dose"), forced=True) is None
    for other in (counter[::-1], [*counter[:-1], counter[-1] + 1], [n + 0.5 for n in counter], [*counter[:-1], None]):
        assert reason_to_leave_out(column(other, "dose"), forced=False) is None


def test_in_a_short_table_a_counter_needs_name_and_values():
    assert reason_to_leave_out(column([1, 2, 3], "dose"), forced=False) is None
    assert reason_to_leave_out(column([1, 3, 2], "id"), forced=False) is None
    assert reason_to_leave_out(column([1.0, None, 3.0], "id"), forced=False) is None


def test_an_infinite_column_is_no_counter():
    assert reason_to_leave_out(column([float("inf")] + [1.0] * 30), forced=False) is None


@pytest.mark.parametrize("values", [[2**53 + 1, 5], [-(2**53) - 1, 5], [2**63 + 1, 5], ["9007199254740993", "5"]])
def test_integers_that_would_be_rounded(values):
    assert "integers that float64 would round" in reason_to_leave_out(column([*values, None]), forced=False)
    assert reason_to_leave_out(column(values), forced=True) is None


def test_large_integers_that_float64_holds_are_numbers():
    assert reason_to_leave_out(column([2**53, 2**60, 2**53 + 2]), forced=False) is None


@pytest.mark.parametrize("values", [["$1.5", "$2"], ["5%", "7%"], ["0x1f", "0x2A"], ["3 kg", "1e3 kg"], ["€5", "6€"]])
def test_numbers_with_a_sign_or_unit_do_not_name_the_rows(values):
    assert "numbers with a sign or unit" in reason_to_leave_out(column(values), forced=False)


@pytest.mark.parametrize(
    "values",
    [
        ["2020-01-31", "2020-02-01T10:00:00Z", "2020-02-01 10:00:00.5+01:00"],
        ["31/12/2020", "1/2/21", "31/12/2020"],
        ["31.12.2020", "12-31-2020", "2020/12/31 9:30 AM"],
        ["12:30", "9:05:59", "12:30"],
    ],
)
def test_dates_and_times_as_text(values):
    assert "it holds dates or times" in reason_to_leave_out(column(values), forced=False)
    assert reason_to_leave_out(column(values), forced=True) is None


@pytest.mark.parametrize("value", ["1.2.10", "3:2", "555-1234", "2020", "10/12"])
def test_texts_that_are_no_dates(value):
    assert reason_to_leave_out(column([value, "x", value]), forced=False) is None
    assert reason_to_leave_out(column([value, value[::-1] + "0", value]), forced=False) is None


def test_few_levels_group_rows_even_in_a_small_table():
    assert not names_rows(FEW_LEVELS, FEW_LEVELS + 1)
    assert names_rows(FEW_LEVELS + 1, FEW_LEVELS + 2)
    assert names_rows(3, 3)


def test_treatments():
    assert decide(column([1, 2]), forced=False, has_reference=False) == Numeric("x")
    assert decide(column([True, False]), forced=False, has_reference=False) == Boolean("x")
    assert decide(column(["b", "a", "b"]), forced=False, has_reference=True) == Categorical("x", ("a", "b"), True)
    assert decide(column([2, 10, 2]), forced=True, has_reference=False) == Categorical("x", ("10", "2"), False)


def test_partition_keeps_the_order_and_the_reasons():
    columns = [column([1, 2], "a"), column([1, 1], "b"), column([3, 4], "c")]
    kept, left_out = partition(columns, lambda c: reason_to_leave_out(c, forced=False))
    assert [c.name for c in kept] == ["a", "c"]
    assert [(c.name, c.reason) for c in left_out] == [("b", "it is constant: 1")]


def test_an_infinite_number_is_refused_with_its_row():
    with pytest.raises(InputError, match=r"'x' is infinite in row 2 \(-inf\)"):
        check_finite(column([1.0, float("-inf"), float("inf")]))
    with pytest.raises(InputError, match=r"'x' is too large to be squared in row 1 \(1e\+151\)"):
        check_finite(column([1e151, 1.0]))
    check_finite(column([1e150, float("nan")]))
