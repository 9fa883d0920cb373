import pytest

from multilogit.table.text import first_inexact, look_like_amounts, look_like_dates, look_like_numbers


@pytest.mark.parametrize("text", ["1", "-2.50", "1e3", "+.5", "3.", "007"])
def test_numbers(text):
    assert look_like_numbers([text])


@pytest.mark.parametrize("text", ["", "a", "1,5", "1_000", "nan", "inf", "0x1f", "1e", "."])
def test_what_is_no_number(text):
    assert not look_like_numbers(["1", text])


@pytest.mark.parametrize("text", ["$1.5", "5%", "0x1f", "12 kg", "1e3 kg", "€ 5", "1'000"])
def test_amounts(text):
    assert look_like_amounts([text])


@pytest.mark.parametrize("text", ["bird 1", "5 days", "kg", ""])
def test_what_is_no_amount(text):
    assert not look_like_amounts(["5%", text])


@pytest.mark.parametrize("text", ["2020-1-31", "2020/01/31 10:00", "31.12.2020", "12:30:05,5", "9:05 p.m."])
def test_dates_and_times(text):
    assert look_like_dates([text])


@pytest.mark.parametrize("text", ["soon", "2020", "1.2.20", "10/12", "3:2"])
def test_what_is_no_date(text):
    assert not look_like_dates(["2020-01-31", text])


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ([2**53, -(2**53), 2**60, 3 * 2**55], None),
        ([2**53 + 1], 2**53 + 1),
        ([1, -(2**53) - 1], -(2**53) - 1),
        (["+9007199254740993"], 2**53 + 1),
        (["9007199254740993", "1.5"], None),
    ],
)
def test_the_first_integer_that_float64_rounds(values, first):
    assert first_inexact(values) == first
