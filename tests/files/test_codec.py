import json
import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multilogit._files.codec import decode, encode, parse
from multilogit.errors import ModelFileError


class Colour(Enum):
    RED = "the colour red"
    BLUE = "the colour blue"


@dataclass(frozen=True)
class Point:
    x: float
    name: str


@dataclass(frozen=True)
class Line:
    points: tuple[Point, ...]
    ends: tuple[int, int]
    colour: Colour
    closed: bool
    width: float | None
    mark: Point | Colour | None
    labels: tuple[bool, ...] | tuple[int, ...] | tuple[str, ...]
    pair: tuple[object, object]


LINE = Line((Point(0.1, "a"), Point(2.0, "é")), (1, 2), Colour.RED, True, None, Point(1.0, ""), (3, 4), ("b", 7))


def there_and_back(value):
    return decode(type(value), parse(json.dumps(encode(value))), "it")


def changed(**changes):
    return {**encode(LINE), **changes}


def test_a_value_comes_back_equal():
    assert there_and_back(LINE) == LINE


@given(
    st.builds(Point, st.floats(allow_nan=False), st.text()),
)
def test_floats_and_texts_come_back_to_the_bit(point):
    again = there_and_back(point)
    assert again == point
    assert math.copysign(1, again.x) == math.copysign(1, point.x)


def test_nan_comes_back():
    assert math.isnan(there_and_back(Point(math.nan, "")).x)


def test_numbers_of_numpy_become_plain():
    assert encode((np.float64(0.5), np.int32(3), np.float64(np.inf))) == [0.5, 3, "inf"]


def test_what_cannot_come_back_is_not_written():
    with pytest.raises(TypeError, match="set"):
        encode((1, {2}))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (changed(ends=[1, 2, 3]), r"it\.ends holds 3 items, expected 2"),
        (changed(ends=[1, 2.0]), r"it\.ends\[1\] is 2\.0, expected int"),
        (changed(ends=[1, True]), r"it\.ends\[1\] is True, expected int"),
        (changed(ends=7), r"it\.ends is 7, expected a list"),
        (changed(colour="GREEN"), r"it\.colour is 'GREEN', expected one of RED, BLUE"),
        (changed(colour=["RED"]), r"it\.colour is \['RED'\]"),
        (changed(closed=1), r"it\.closed is 1, expected bool"),
        (changed(width="wide"), r"it\.width is 'wide', expected float"),
        (changed(width=True), r"it\.width is True"),
        (changed(mark={"is": "Line"}), r"it\.mark is \{'is': 'Line'\}"),
        (changed(mark={"is": "Point", "x": 1.0}), r"it\.mark lacks \['name'\]"),
        (changed(labels=[1, "a"]), r"it\.labels"),
        (changed(pair=[None, 1]), r"it\.pair\[0\] is None"),
        (changed(more=1), r"it holds the unknown \['more'\]"),
        ({"is": "Line"}, r"it lacks"),
        ({"is": "Point"}, r"it is .* expected Line"),
        ([], r"it is \[\], expected Line"),
        (changed(points=[{"is": "Point", "x": None, "name": ""}]), r"it\.points\[0\]\.x is None, expected a number"),
    ],
)
def test_anything_else_is_refused_with_its_place(content, sentence):
    with pytest.raises(ModelFileError, match=sentence):
        decode(Line, content, "it")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1, "a": 1}', "twice"),
        ('{"a": NaN}', "NaN as a number"),
        ('{"a": -Infinity}', "-Infinity as a number"),
        ('{"a": ', "not readable JSON"),
        ("[" * 100_000, "not readable JSON"),
        (b"\xff", "not readable JSON"),
        ('{"a": ' + "9" * 5000 + "}", "not readable JSON"),
    ],
)
def test_texts_that_are_no_plain_json(text, sentence):
    with pytest.raises(ModelFileError, match=sentence):
        parse(text)


def test_a_number_that_overflows_is_no_number():
    with pytest.raises(ModelFileError, match="expected a number"):
        decode(Point, parse('{"is": "Point", "x": 1e999, "name": ""}'), "it")
