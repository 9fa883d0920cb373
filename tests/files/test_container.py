import pickle

import numpy as np
import pytest
import safetensors.numpy
from forged import compact, entry, inner, outer, sealed

from multilogit._files import container
from multilogit._files.container import header_length, pack, unpack
from multilogit.errors import InputError, ModelFileError

HEADER = {"format": "some", "names": ["é", 'a "quoted" one', '"file_sha256":"' + "0" * 64 + '"']}
ARRAYS = {"coef": np.array([[1.5, -0.0], [5e-324, 2.0]]), "intercept": np.array([1, 2], dtype=np.float32)}


@pytest.fixture(scope="module")
def packed():
    return pack(HEADER, ARRAYS)


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


NAMED = inner(format="some")


def test_a_forged_file_is_one_that_can_be_read():
    header, arrays = unpack(sealed(outer(NAMED, entry("a", "F64", [1], 0, 8)), np.ones(1).tobytes()))
    assert header == {"format": "some"}
    assert arrays == {"a": 1.0}


@pytest.mark.parametrize("text", [NAMED.replace("}", f',"again":{NAMED}}}'), NAMED + NAMED])
def test_two_checksums_are_none(text):
    with pytest.raises(ModelFileError, match="checksum is not readable"):
        unpack(sealed(outer(text)))


@pytest.mark.parametrize(
    ("header", "payload", "sentence"),
    [
        (compact({"__metadata__": {"multilogit": NAMED, "more": "x"}}).encode(), b"", "not readable"),
        (compact({"__metadata__": {"other": NAMED}}).encode(), b"", "not a model file"),
        (compact({"__metadata__": [NAMED]}).encode(), b"", "not a model file"),
        (outer(NAMED).replace(b":", b": ", 1), b"", "not a model file"),
        (outer(NAMED)[:-1], b"", "not readable JSON"),
        (outer(NAMED).replace(b'"}}', b"}}"), b"", "header is not readable"),
        (outer(NAMED) + b" {}", b"", "not readable JSON"),
        (outer(NAMED).replace(b"some", b"s\xc3\xa9"), b"", "header is not readable"),
        (outer(NAMED).replace(b"some", b"s\xff"), b"", "header is not readable"),
        (outer(NAMED, '"__metadata__":{"multilogit":"{}"}'), b"", "have no place"),
        (outer(NAMED.replace("{", "[", 1)), b"", "not readable JSON"),
        (outer(inner(a=1)[:-1] + ',"a":1}'), b"", "twice"),
        (outer(f"[{NAMED}]"), b"", "JSON object"),
        (outer(NAMED, entry("a", "F64", [2], 0, 8)), b"\0" * 8, "not laid out"),
        (outer(NAMED, entry("a", "F64", [1], 8, 16)), b"\0" * 16, "not laid out"),
        (outer(NAMED, entry("a", "I64", [1], 0, 8)), b"\0" * 8, "of type I64"),
        (outer(NAMED, entry("a", "F64", [1], 0, 8)), b"\0" * 7, "its header says"),
        (outer(NAMED, entry("a", "F64", [1], 0, 8)), b"\0" * 9, "its header says"),
        (outer(NAMED, '"a":{"dtype":"F64","shape":[1]}'), b"\0" * 8, "have no place"),
        (outer(NAMED, '"a":7'), b"", "have no place"),
    ],
)
def test_crafted_files_with_a_right_checksum(header, payload, sentence):
    with pytest.raises(ModelFileError, match=sentence):
        unpack(sealed(header, payload))


def test_a_doubled_array_is_refused():
    table = ",".join([entry("a", "F64", [1], 0, 8), entry("a", "F64", [1], 8, 16)])
    with pytest.raises(ModelFileError, match="twice"):
        unpack(sealed(outer(NAMED, table), b"\0" * 16))


def test_a_header_of_more_items_than_a_reader_takes_is_neither_written_nor_read(monkeypatch):
    data = pack({"numbers": list(range(200))}, ARRAYS)
    monkeypatch.setattr(container, "MOST_ITEMS", 200)
    unpack(pack({"numbers": list(range(198))}, ARRAYS))
    with pytest.raises(InputError, match=r"at most .* and 200 items"):
        pack({"numbers": list(range(200))}, ARRAYS)
    with pytest.raises(ModelFileError, match="larger than that of any model"):
        unpack(data)


def test_a_list_of_arrays_that_is_too_long_is_not_read(monkeypatch):
    data = pack(HEADER, ARRAYS)
    monkeypatch.setattr(container, "MOST_TABLE_BYTES", 100)
    with pytest.raises(ModelFileError, match="larger than that of any model"):
        unpack(data)


def test_a_file_of_another_length_is_told_so(packed):
    with pytest.raises(ModelFileError, match="its header says"):
        unpack(packed[:-8])
    with pytest.raises(ModelFileError, match=r"has [\d,]+ bytes, and its header says [\d,]+\. .*train the model again"):
        unpack(packed + b"\0")
