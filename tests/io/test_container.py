import hashlib
import json
import pickle

import numpy as np
import pytest
import safetensors.numpy

from multilogit.errors import InputError, ModelFileError
from multilogit.io import container
from multilogit.io.container import header_length, pack, unpack

HEADER = {"format": "some", "names": ["é", 'a "quoted" one', '"file_sha256":"' + "0" * 64 + '"']}
ARRAYS = {"coef": np.array([[1.5, -0.0], [5e-324, 2.0]]), "intercept": np.array([1, 2], dtype=np.float32)}


@pytest.fixture(scope="module")
def packed():
    return pack(HEADER, ARRAYS)


def crafted(outer, payload=b""):
    """A file with any outer header, under a right checksum."""
    blank = json.dumps(outer).encode() if not isinstance(outer, bytes) else outer
    blank = len(blank).to_bytes(8, "little") + blank + payload
    return blank.replace(b"0" * 64, hashlib.sha256(blank).hexdigest().encode(), 1)


def inner(**content):
    return json.dumps({"file_sha256": "0" * 64, **content}, separators=(",", ":"))


def test_header_and_arrays_come_back_to_the_bit(packed):
    header, arrays = unpack(packed)
    assert header == HEADER
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].tobytes() == array.tobytes()
        assert arrays[name].flags.writeable


def test_the_same_content_gives_the_same_bytes(packed):
    assert pack(HEADER, dict(reversed(ARRAYS.items()))) == packed


def test_any_reader_of_safetensors_opens_it(packed):
    np.testing.assert_array_equal(safetensors.numpy.load(packed)["coef"], ARRAYS["coef"])


def test_every_flipped_bit_is_refused(packed):
    for place in range(len(packed)):
        for bit in range(8):
            flipped = bytearray(packed)
            flipped[place] ^= 1 << bit
            with pytest.raises(ModelFileError):
                unpack(bytes(flipped))


def test_every_truncation_and_every_addition_is_refused(packed):
    for length in range(len(packed)):
        with pytest.raises(ModelFileError):
            unpack(packed[:length])
    for more in (b"\0", b" ", packed):
        with pytest.raises(ModelFileError):
            unpack(packed + more)


def test_swapped_parts_of_two_files_are_refused(packed):
    other = pack(HEADER, {name: array + 1 for name, array in ARRAYS.items()})
    assert len(other) == len(packed)
    for cut in range(8, len(packed), 7):
        spliced = packed[:cut] + other[cut:]
        if spliced not in {packed, other}:
            with pytest.raises(ModelFileError):
                unpack(spliced)


def test_the_length_of_the_header_is_capped_before_it_is_read():
    size = 2**60
    assert header_length((64).to_bytes(8, "little"), size) == 64
    for length in (container.MOST_HEADER_BYTES + 1, 2**63):
        with pytest.raises(ModelFileError, match="not a model file"):
            header_length(length.to_bytes(8, "little"), size)
    with pytest.raises(ModelFileError, match="cut short"):
        header_length((64).to_bytes(8, "little"), 50)


def test_a_header_that_no_reader_would_accept_is_not_written(monkeypatch):
    monkeypatch.setattr(container, "MOST_HEADER_BYTES", 100)
    with pytest.raises(InputError, match="at most 100"):
        pack(HEADER, ARRAYS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,b\n1,2\n",
        pickle.dumps({"coef": [1.0]}),
        safetensors.numpy.save({"coef": np.zeros(3)}),
        safetensors.numpy.save({"coef": np.zeros(3)}, metadata={"format": "pt"}),
    ],
    ids=["empty", "csv", "pickle", "plain safetensors", "other safetensors"],
)
def test_foreign_files_are_told_apart_from_damaged_ones(data):
    with pytest.raises(ModelFileError, match="not a model file"):
        unpack(data)


def test_two_checksums_are_none():
    text = inner(more=inner())
    with pytest.raises(ModelFileError, match=r"checksum|damaged"):
        unpack(crafted({"__metadata__": {"multilogit": text, "again": text}}))


@pytest.mark.parametrize(
    ("outer", "payload", "sentence"),
    [
        ({"__metadata__": {"multilogit": inner(), "more": "x"}}, b"", "nothing else"),
        ({"__metadata__": {"other": inner()}}, b"", "must hold 'multilogit'"),
        ({"__metadata__": [], "x": {"__metadata__": inner()}}, b"", "must hold"),
        ({"__metadata__": {"multilogit": inner().replace("{", "[", 1)}}, b"", "not readable JSON"),
        ({"__metadata__": {"multilogit": inner(a=1)[:-1] + ',"a":1}'}}, b"", "twice"),
        ({"__metadata__": {"multilogit": "[" + inner() + "]"}}, b"", "JSON object"),
        (
            {"__metadata__": {"multilogit": inner()}, "a": {"dtype": "F64", "shape": [2], "data_offsets": [0, 8]}},
            b"\0" * 8,
            "not laid out",
        ),
        (
            {"__metadata__": {"multilogit": inner()}, "a": {"dtype": "F64", "shape": [1], "data_offsets": [8, 16]}},
            b"\0" * 16,
            "not laid out",
        ),
        (
            {"__metadata__": {"multilogit": inner()}, "a": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}},
            b"\0" * 8,
            "of type I64",
        ),
    ],
)
def test_crafted_files_with_a_right_checksum(outer, payload, sentence):
    with pytest.raises(ModelFileError, match=sentence):
        unpack(crafted(outer, payload))


def test_a_doubled_array_is_refused():
    entry = b'"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}'
    metadata = json.dumps({"multilogit": inner()}).encode()
    outer = b'{"__metadata__":' + metadata + b"," + entry + b"," + entry + b"}"
    with pytest.raises(ModelFileError, match="twice"):
        unpack(crafted(outer, b"\0" * 8))
