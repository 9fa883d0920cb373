"""Files made to hurt whoever opens them: each is refused in words, in a second and in a hundred megabytes."""

import copy
import io as streams
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from forged import entry, forged, inner, outer, parts, sealed
from measured import loaded
from table.models import fitted, frame

from multilogit import io
from multilogit._files import container
from multilogit.errors import ModelFileError

SECONDS, MEGABYTES = 1.0, 100.0
MOST = container.MOST_HEADER_BYTES
LENGTH = 8


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture(scope="module")
def real():
    notes = [f"saw bird{row % 7} singing near the river, ring {row}" for row in range(60)]
    return io.dumps(fitted(frame(note=notes), C=1.0, holdout="none").model)


def long_headers(header):
    """Headers at the limit of their length or of their items, whose unknown field "x" is what hurts."""
    start = inner(**header)[:-1] + ',"x":'
    room = MOST - 2 * len(start) - 100
    items = container.MOST_ITEMS - start.count(",") - start.count("[") - start.count("{") - 10
    emoji = json.dumps("\U0001f600")[1:-1]  # as pack writes it: two escapes
    texts = {
        "deep lists": "[" * items,
        "deep lists, closed": "[" * 900 + "]" * 900,
        "deep objects": '{"a":' * items,
        "wide lists": "[" + "[]," * (items // 2 - 1) + "0]",
        "wide objects": "[" + "{}," * (items // 2 - 1) + "0]",
        "objects of one key": "[" + '{"a":0},' * (items // 2 - 1) + "0]",
        "nested pairs": "[" + "[0]," * (items // 2 - 1) + "0]",
        "small strings": "[" + '"abcdefghijkl",' * (items - 1) + "0]",
        "strings of one emoji": "[" + f'"{emoji}",' * (items - 1) + "0]",
        "numbers": "[" + "0.123456789," * (items - 1) + "0]",
        "keys": "{" + ",".join(f'"k{j}":0' for j in range(items - 1)) + "}",
        "doubled keys": "{" + ",".join(['"k":0'] * (items - 1)) + "}",
        "one long string": '"' + "a" * room + '"',
        "one string of emoji": '"' + emoji * (room // (len(emoji) + 2)) + '"',
        "one string with one emoji": '"' + emoji + "a" * (room - 50) + '"',
        "one string of quotes": '"' + '\\"' * (room // 4 - 50) + '"',
        "one long number": "9" * room,
        "one long fraction": "0." + "9" * room,
    }
    return {name: sealed(outer(start + text + "}")) for name, text in texts.items()}


def escapes(header):
    """Headers whose outer escapes are not those that a model file has."""
    text = outer(inner(**header)[:-1] + ',"x":"HERE"}')
    face = rb"\ud83d\ude00"
    return {
        "one emoji, escaped once": sealed(text.replace(b"HERE", face + b"a" * (MOST - len(text) - 100))),
        "emoji, escaped once": sealed(text.replace(b"HERE", face * ((MOST - len(text)) // 12 - 10))),
        "letters as escapes": sealed(text.replace(b"HERE", rb"\u0061" * ((MOST - len(text)) // 6 - 10))),
        "emoji as they are": sealed(text.replace(b"HERE", "\U0001f600".encode() * ((MOST - len(text)) // 4 - 10))),
    }


def lengths(header, data):
    """Lengths, of the header or of the arrays, that are not there."""
    ends = {"negative": -50, "huge": 2**62, "beyond 64 bits": 2**70, "a fraction": 1.5, "a text": "8", "null": None}
    text = inner(**header)
    tables = {name: sealed(outer(text, entry("coef", "F64", [1], 0, end)), bytes(100)) for name, end in ends.items()}
    infinite = entry("coef", "F64", [1], 0, 7).replace("[0,7]", "[0,1e999]")
    return {f"arrays that end at {name}": each for name, each in tables.items()} | {
        "arrays that end at infinity": sealed(outer(text, infinite)),
        "a header of 2^63 bytes": (2**63).to_bytes(8, "little") + data[LENGTH:],
        "a header of 16 MiB": (2**24).to_bytes(8, "little") + data[LENGTH:] + bytes(2**24),
        "a header of the most bytes, and no more": MOST.to_bytes(8, "little") + bytes(MOST),
        "a header of no bytes": bytes(8) + data[LENGTH:],
        "a header as long as the file": (len(data)).to_bytes(8, "little") + data[LENGTH:],
    }


def tables(header):
    """Lists of arrays that do not lie where they should, or are too many."""
    text = inner(**header)
    listed = {
        "a million tensors": ",".join(entry(f"a{j}", "F64", [0], 0, 0) for j in range(100_000)),
        "a thousand tensors": ",".join(entry(f"a{j}", "F64", [0], 0, 0) for j in range(1_000)),
        "overlapping tensors": entry("a", "F64", [2], 0, 16) + "," + entry("b", "F64", [2], 8, 24),
        "tensors with a gap": entry("a", "F64", [1], 0, 8) + "," + entry("b", "F64", [1], 16, 24),
        "a tensor beyond the end": entry("a", "F64", [4], 0, 32),
        "a tensor that ends before it begins": entry("a", "F64", [3], 24, 0) + "," + entry("b", "F64", [3], 0, 24),
        "a shape that overflows": entry("a", "F64", [2**33, 2**31], 0, 24),
        "a shape that overflows to 3": entry("a", "F64", [2**32 + 1, 2**32 - 1, 3], 0, 24),
        "a negative shape": entry("a", "F64", [-3, -1], 0, 24),
        "a shape of a million sides": entry("a", "F64", [1] * 25_000, 0, 8),
        "another type": entry("a", "I64", [3], 0, 24),
        "an unknown type": entry("a", "PICKLE", [3], 0, 24),
        "a doubled name": entry("a", "F64", [3], 0, 24) + "," + entry("a", "F64", [3], 0, 24),
        "a second metadata": '"__metadata__":{"multilogit":"{}"}',
        "a deep list": '"a":' + "[" * 60_000,
    }
    return {name: sealed(outer(text, table), bytes(24)) for name, table in listed.items()}


def absurd(header, arrays):
    """Headers that ask for more than they are."""

    def of(**changes):
        return forged(copy.deepcopy(header) | changes, arrays)

    schema, record, classes = header["schema"], header["record"], header["classes"]
    column, decision = schema["columns"][0], record["decisions"][0]
    return {
        "a type of labels that takes gigabytes": of(classes=classes | {"dtype": "U100000000"}),
        "a type of labels of many parts": of(classes=classes | {"dtype": "i4," * 100_000}),
        "a product of products": of(schema=schema | {"products": [["place"] * 60]}),
        "a product of a million": of(schema=schema | {"products": [["place"] * 290_000]}),
        "many columns": of(schema=schema | {"columns": [column] * 36_000}),
        "many decisions": of(record=record | {"decisions": [decision] * 36_000 + [{}]}),
        "many classes": of(classes=classes | {"values": [f"c{j}" for j in range(290_000)]}),
        "a long version": of(version=["0" * 100] * 100_000),
        "a long name": of(schema=schema | {"columns": [column | {"is": "x" * 5_000_000}]}),
        "a count that overflows": of(n_iter=10**4000),
        "a C that overflows": of(C=10**4000),
    }


def foreign(trap):
    """Files of other programs."""
    zipped, arrays = streams.BytesIO(), streams.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", pickle.dumps(Trap(trap)))  # as torch.save lays it out
        file.writestr("archive/zeros", bytes(2**24))
    np.savez(arrays, coef=np.array([Trap(trap)], dtype=object))
    pickles = {f"pickle {protocol}": pickle.dumps(Trap(trap), protocol) for protocol in range(6)}
    return pickles | {
        "torch": zipped.getvalue(),
        "npz": arrays.getvalue(),
        "npy": b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(128),
        "safetensors": safetensors.numpy.save({"coef": np.zeros(3)}),
        "a model in a pickle": pickle.dumps({"coef": np.zeros(3)}),
        "text": b"species,sex\n" * 100,
        "nothing": b"",
    }


@pytest.fixture(scope="module")
def answers(real, tmp_path_factory):
    """What opening each of the files cost: how it went, in how many seconds and megabytes."""
    folder = tmp_path_factory.mktemp("hostile")
    header, arrays = parts(real)
    made = long_headers(header) | escapes(header) | lengths(header, real) | tables(header) | absurd(header, arrays)
    made |= foreign(folder / "sprung")
    (folder / "real").write_bytes(real)
    paths = {}
    for number, (name, data) in enumerate(made.items()):
        paths[name] = folder / f"{number}.mlogit"
        paths[name].write_bytes(data)
    paths |= sparse(folder, header, real) | {"/dev/zero": Path("/dev/zero")}
    *answered, usual = loaded(folder / "real", [*paths.values(), folder / "real"])
    assert usual["how"] == "loaded"
    found = dict(zip(paths, answered, strict=True))
    assert not (folder / "sprung").exists(), "a pickle was opened"
    pickle.loads((paths["pickle 4"]).read_bytes())
    assert (folder / "sprung").exists(), "the trap is none"
    return found


def sparse(folder, header, real):
    """Files of ten gigabytes that take no room, with a beginning that is or could be a model's."""
    listed = outer(inner(**header), entry("coef", "F64", [10**9, 1], 0, 8 * 10**9))
    starts = {"a sparse file": real, "a sparse file of one array": len(listed).to_bytes(8, "little") + listed}
    for name, start in starts.items():
        path = folder / f"{name}.mlogit"
        with path.open("wb") as file:
            file.write(start)
            file.truncate(10**10 if name == "a sparse file" else len(start) + 8 * 10**9)
    return {name: folder / f"{name}.mlogit" for name in starts}


def test_each_is_refused(answers):
    assert len(answers) > 70
    assert {name: (each["how"], each["why"]) for name, each in answers.items() if each.get("how") != "refused"} == {}


def test_each_is_refused_in_a_second(answers):
    """Of the processor: what else the machine does at the time is no fault of the file."""
    assert {name: each["seconds"] for name, each in answers.items() if each["seconds"] > SECONDS} == {}


def test_each_is_refused_in_a_hundred_megabytes(answers):
    assert {name: each["megabytes"] for name, each in answers.items() if each["megabytes"] > MEGABYTES} == {}


def test_each_is_answered_in_a_few_words(answers):
    assert {name: each["why"] for name, each in answers.items() if each["letters"] > 600} == {}


def test_what_is_deep_is_refused_at_every_depth(real):
    """Near the limit of recursion the header may be read and its error not be written, or the reverse."""
    text = inner(**parts(real)[0] | {"C": 0})
    for depth in range(880, 1020):
        deep = text.replace('"C":0', '"C":' + "[" * depth + "]" * depth)
        with pytest.raises(ModelFileError):
            io.loads(sealed(outer(deep)))
