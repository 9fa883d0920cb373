import datetime

import numpy as np
import polars as pl
import pytest

from multilogit.errors import InputError
from multilogit.table.columns import Kind, read_columns
from multilogit.table.decide import FEW_LEVELS, MOST_LEVELS, as_asked, check_finite, decide, names_rows


def column(values, name="x"):
    return read_columns(pl.DataFrame({name: values}))[name]


def dropped(values, name="x"):
    found = decide(column(values, name))
    assert found.role == "dropped"
    assert not found.by_user
    return found


@pytest.mark.parametrize(
    ("values", "reason", "code"),
    [
        ([None, None], "no values", "ML101"),
        ([2007, 2007, None], "constant: '2007'", "ML101"),
        (["a", "a"], "constant: 'a'", "ML101"),
        ([True, True], "constant: 'true'", "ML101"),
        (["a", "b", "c"], "names the rows (3 different texts in 3 rows)", "ML102"),
        ([f"t{i // 2}" if i < 20 else f"u{i}" for i in range(60)], "50 different texts in 60 rows", "ML102"),
        ([[1], [2]], "nested or binary values", None),
        ([datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)], "dates or times", None),
    ],
)
def test_reasons_to_drop_and_their_codes(values, reason, code):
    found = dropped(values)
    assert reason in found.reason
    assert found.finding == code


@pytest.mark.parametrize(
    ("values", "role", "reason"),
    [
        ([1.0, 2.0], "numeric", "numbers"),
        ([1.0, 2.0, None], "numeric", "numbers; 1 missing"),
        ([True, False], "boolean", "true and false"),
        (["a", "b", "a"], "categorical", "2 levels"),
        (["a", "a", "b", None], "categorical", "2 levels; 1 missing"),
    ],
)
def test_inputs_are_kept(values, role, reason):
    found = decide(column(values))
    assert (found.role, found.reason, found.finding, found.by_user) == (role, reason, None, False)


def test_sentences_are_text():
    found = decide(column([f"the bird number {i} was seen" for i in range(60)] + [None]))
    assert found.role == "text"
    assert found.reason == "sentences: 6 words on the average; 1 missing"


def test_sentences_that_repeat_are_levels():
    assert decide(column(["the bird was seen", "no bird was seen"] * 30)).role == "categorical"


def test_names_of_few_words_are_no_text():
    assert dropped([f"bird {i}" for i in range(60)]).finding == "ML102"
    assert "name the column text" in dropped([f"the bird {i}" for i in range(60)]).reason


def test_a_text_with_thousands_of_levels_needs_to_be_asked_for():
    levels = column([f"t{i % (MOST_LEVELS + 1)}" for i in range(4 * MOST_LEVELS)])
    assert "more than 1,000" in decide(levels).reason
    assert as_asked(levels, "categorical")[1].role == "categorical"


@pytest.mark.parametrize("name", ["", "id", "ID", "Unnamed: 0", "column_1"])
@pytest.mark.parametrize("start", [0, 1])
def test_a_counter_of_rows_is_left_out(name, start):
    found = dropped([start, start + 1, start + 2], name)
    assert (found.reason, found.finding) == ("it counts the rows", "ML102")


@pytest.mark.parametrize("start", [0, 1, 1001, -5])
def test_a_counter_is_known_by_its_values_in_a_longer_table(start):
    counter = [start + row for row in range(FEW_LEVELS + 1)]
    assert dropped(counter, "dose").reason == "it counts the rows"
    assert dropped([float(n) for n in counter], "dose").reason == "it counts the rows"
    assert as_asked(column(counter, "dose"), "numeric")[1].role == "numeric"
    for other in (counter[::-1], [*counter[:-1], counter[-1] + 1], [n + 0.5 for n in counter], [*counter[:-1], None]):
        assert decide(column(other, "dose")).role == "numeric"


def test_in_a_short_table_a_counter_needs_name_and_values():
    assert decide(column([1, 2, 3], "dose")).role == "numeric"
    assert decide(column([1, 3, 2], "id")).role == "numeric"
    assert decide(column([1.0, None, 3.0], "id")).role == "numeric"


def test_an_infinite_column_is_no_counter():
    assert decide(column([float("inf")] + [1.0] * 30)).role == "numeric"


@pytest.mark.parametrize("values", [[2**53 + 1, 5], [-(2**53) - 1, 5], [2**63 + 1, 5], ["9007199254740993", "5"]])
def test_integers_that_would_be_rounded(values):
    found = dropped([*values, None])
    assert "integers beyond 2^53, which float64 rounds" in found.reason
    assert found.finding == "ML102"
    assert as_asked(column(values), "categorical")[1].role == "categorical"


def test_large_integers_that_float64_holds_are_numbers():
    assert decide(column([2**53, 2**60, 2**53 + 2])).role == "numeric"


@pytest.mark.parametrize("values", [["$1.5", "$2"], ["5%", "7%"], ["0x1f", "0x2A"], ["3 kg", "1e3 kg"], ["€5", "6€"]])
def test_numbers_with_a_sign_or_unit_do_not_name_the_rows(values):
    found = dropped(values)
    assert "numbers with a sign or unit" in found.reason
    assert repr(values[0]) in found.reason
    assert found.finding is None


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
    assert "it holds dates or times" in dropped(values).reason
    assert as_asked(column(values), "categorical")[1].role == "categorical"


@pytest.mark.parametrize("value", ["1.2.10", "3:2", "555-1234", "2020", "10/12"])
def test_texts_that_are_no_dates(value):
    assert decide(column([value, "x", value])).role == "categorical"
    assert decide(column([value, value[::-1] + "0", value])).role == "categorical"


def test_codes_with_leading_zeros_are_levels():
    assert decide(column(["007", "010", "007"])).role == "categorical"


def test_few_levels_group_rows_even_in_a_small_table():
    assert not names_rows(FEW_LEVELS, FEW_LEVELS + 1)
    assert names_rows(FEW_LEVELS + 1, FEW_LEVELS + 2)
    assert names_rows(3, 3)


@pytest.mark.parametrize("values", [["a"] * 4, [1, 2, 3], [None, None], [[1], [2]], ["2020-01-01", "2020-01-02"]])
def test_whatever_it_is_it_may_be_left_out(values):
    found = as_asked(column(values), "drop")[1]
    assert (found.role, found.reason, found.by_user, found.finding) == ("dropped", "you left it out", True, None)


def test_text_that_is_to_be_numeric_is_parsed():
    taken, found = as_asked(column(["1.5", None, "-2e3"]), "numeric")
    assert (found.role, found.reason, found.by_user) == ("numeric", "you said so; 1 missing", True)
    assert taken.kind is Kind.NUMBERS
    np.testing.assert_array_equal(taken.values, [1.5, np.nan, -2000.0])
    assert taken.missing.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("values", "role", "sentence"),
    [
        (["1", None, "two"], "numeric", "'x' is to be numeric, but row 3 holds 'two'"),
        (["1", "1_000"], "numeric", "row 2 holds '1_000'"),
        (["1", "nan"], "numeric", "row 2 holds 'nan'"),
        ([1, 2], "text", "'x' holds numbers, and cannot be text"),
        ([None, None], "categorical", "'x' holds no values, and cannot be categorical"),
        ([datetime.date(2020, 1, 1)], "numeric", "'x' holds dates or times, and cannot be numeric"),
    ],
)
def test_what_cannot_be_as_asked(values, role, sentence):
    with pytest.raises(InputError, match=sentence):
        as_asked(column(values), role)


def test_an_infinite_number_is_refused_with_its_row():
    with pytest.raises(InputError, match=r"'x' is infinite in row 2 \(-inf\)"):
        check_finite(column([1.0, float("-inf"), float("inf")]))
    with pytest.raises(InputError, match=r"'x' is too large to be squared in row 1 \(1e\+151\)"):
        check_finite(column([1e151, 1.0]))
    check_finite(column([1e150, float("nan")]))
