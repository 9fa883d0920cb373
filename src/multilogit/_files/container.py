"""One file: named arrays and one JSON text, in the safetensors format, under one SHA-256.

The layout is that of safetensors, so any of its readers opens the arrays::

    8 bytes   length n of the header, little-endian
    n bytes   JSON: {"__metadata__": {"multilogit": TEXT}, "coef": {dtype, shape, data_offsets}, ...}
    the rest  the arrays, one after the other

TEXT is the JSON of the model's header and holds ``"file_sha256"``: the SHA-256 of the whole file in which
these 64 hexadecimal digits are zeros. It is checked before the JSON is read. What a reader will hold in memory is
bounded before that, too: a checksum keeps out accidents, not a file that was made to hurt.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from multilogit._arrays import Array
from multilogit._files.codec import parse
from multilogit.errors import InputError, ModelFileError

__all__ = ["FOREIGN", "MOST_HEADER_BYTES", "header_length", "pack", "payload_length", "read", "unpack"]

MOST_HEADER_BYTES = 10 * 2**20
MOST_ITEMS = 300_000  # of the inner JSON: each takes some 100 bytes when it is read
MOST_TABLE_BYTES = 64 * 2**10  # of the outer JSON without the inner: some 800 arrays
MOST_PAYLOAD_BYTES = 2 * 2**30  # of the arrays: 100,000 words and 2,000 classes
METADATA_KEY = "multilogit"
HASH_KEY = "file_sha256"
START = f'{{"__metadata__":{{"{METADATA_KEY}":'.encode()  # after the length, of every file that `pack` makes
FOREIGN = "this is not a model file, which `multilogit train` writes."
ADVICE = "Fetch an undamaged copy, or train the model again."
BLANK_HASH = "0" * 64
# The quotes of the inner JSON are escaped in the outer one; those of a column's name would be escaped twice.
HASH_FIELD = re.compile(rb'\\"file_sha256\\":\\"([0-9a-f]{64})\\"')
# Both are ASCII, so that no other escapes are needed; `+` after a repeat keeps the regular expression from remembering
# every step, which would take a hundred times the memory of the header.
QUOTED = re.compile(rb'"(?:[^"\\]++|\\["\\])*+"')
DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8"), "U8": np.dtype("u1")}


def pack(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Return the file's bytes; the same header and arrays always give the same bytes.

    Parameters
    ----------
    header : mapping
        What JSON can hold, without `HASH_KEY`.
    arrays : mapping of str to arrays of float32, float64 or uint8

    Raises
    ------
    InputError
        If the header is larger than a reader would accept.
    """
    text = json.dumps({HASH_KEY: BLANK_HASH, **header}, separators=(",", ":"), allow_nan=False)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    blank = safetensors.numpy.save(contiguous, metadata={METADATA_KEY: text})
    head = blank[8 : 8 + int.from_bytes(blank[:8], "little")]
    if len(head) > MOST_HEADER_BYTES or _is_larger_than_any(*_split(head)):
        raise InputError(
            f"the names and levels of the model take {len(head):,} bytes in {_items(text.encode()):,} items; a model "
            f"file holds at most {MOST_HEADER_BYTES:,} bytes and {MOST_ITEMS:,} items, and some 400 columns of text. "
            "Drop columns, or take fewer levels."
        )
    if len(blank) - 8 - len(head) > MOST_PAYLOAD_BYTES:
        raise InputError(
            f"the coefficients and words of the model take more than {MOST_PAYLOAD_BYTES:,} bytes, the most that a "
            "model file holds. Drop columns of text, or take fewer levels or classes."
        )
    start, stop = _hash_place(head)
    return blank[:start] + hashlib.sha256(blank).hexdigest().encode() + blank[stop:]


def header_length(first: bytes, size: int) -> int:
    """Return the length of the header from the file's first 8 bytes, before any more is read.

    Raises
    ------
    ModelFileError
        If there are fewer bytes, or the header would be longer than the file or than `MOST_HEADER_BYTES`.
    """
    length = int.from_bytes(first, "little")
    if len(first) < 8 or length > MOST_HEADER_BYTES:
        raise ModelFileError(FOREIGN)
    if 8 + length > size:
        raise ModelFileError(f"the model file is cut short: its end is missing. {ADVICE}")
    return length


def payload_length(header: bytes, size: int) -> int:
    """Return the length of the arrays, from the header's bytes and the length of the file, before they are read.

    Raises
    ------
    ModelFileError
        If the header is none of a model file, or larger than any of one, or the file is of another length than it says.
    """
    literal, table = _split(header)
    if _is_larger_than_any(literal, table):
        raise ModelFileError("the header is larger than that of any model")
    try:
        ends = [entry["data_offsets"][1] for entry in parse(b"{" + table.lstrip(b",")).values()]
    except (TypeError, KeyError, IndexError):
        ends = [None]
    if not all(type(end) is int and 0 <= end <= MOST_PAYLOAD_BYTES for end in ends):
        raise ModelFileError(f"the model file is damaged: its arrays have no place. {ADVICE}")
    length: int = max(ends, default=0)
    if size != (expected := 8 + len(header) + length):
        raise ModelFileError(f"the model file has {size:,} bytes, and its header says {expected:,}. {ADVICE}")
    return length


def read(path: Path) -> bytes:
    """Return the bytes of a file, once its header accounts for all of them.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ModelFileError
        As `header_length` and `payload_length`.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        first = file.read(8)
        header = file.read(header_length(first, size))
        return first + header + file.read(payload_length(header, size))


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return header and arrays of a file's bytes.

    Raises
    ------
    ModelFileError
        If the bytes are not a model file, or not to the last bit the one that was written.
    """
    length = header_length(data[:8], len(data))
    payload_length(data[8 : 8 + length], len(data))
    start, stop = _hash_place(data[8 : 8 + length])
    digest = hashlib.sha256(data[:start])
    digest.update(BLANK_HASH.encode())
    digest.update(memoryview(data)[stop:])
    if digest.hexdigest().encode() != data[start:stop]:
        raise ModelFileError(f"the model file is damaged: its bytes do not agree with its checksum. {ADVICE}")
    arrays = _arrays(data)
    content = parse(_text(data[8 : 8 + length]))
    if not isinstance(content, dict) or content.pop(HASH_KEY, None) is None:
        raise ModelFileError("the header must be a JSON object with a checksum")
    return content, arrays


def _hash_place(header: bytes) -> tuple[int, int]:
    """Return where the checksum stands in the file."""
    places = [match.span(1) for match in HASH_FIELD.finditer(header)]
    if len(places) != 1:
        raise ModelFileError(f"the model file is damaged: its checksum is not readable. {ADVICE}")
    return 8 + places[0][0], 8 + places[0][1]


def _split(header: bytes) -> tuple[bytes, bytes]:
    """Return the inner JSON, still in its quotes, and what follows it: the list of arrays."""
    if not header.startswith(START):
        raise ModelFileError(FOREIGN)
    inner = QUOTED.match(header, len(START))
    if inner is None or not header.startswith(b"}", inner.end()) or not header.isascii():
        raise ModelFileError(f"the model file is damaged: its header is not readable. {ADVICE}")
    return inner[0], header[inner.end() + 1 :]


def _is_larger_than_any(literal: bytes, table: bytes) -> bool:
    return len(table) > MOST_TABLE_BYTES or _items(literal) > MOST_ITEMS


def _items(text: bytes) -> int:
    """Return at least how many items a JSON text holds, and about how many."""
    return sum(map(text.count, (b",", b"[", b"{")))


def _text(header: bytes) -> str:
    """Return the inner JSON."""
    text: str = json.loads(_split(header)[0])
    return text


def _arrays(data: bytes) -> dict[str, Array]:
    try:
        entries: list[tuple[str, dict[str, Any]]] = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise ModelFileError(f"the arrays are not laid out as the header says ({error})") from None
    arrays = {}
    for name, entry in sorted(entries, key=itemgetter(0)):
        if entry["dtype"] not in DTYPES:
            raise ModelFileError(f"the array {name!r} is of type {entry['dtype']}, expected one of {list(DTYPES)}")
        little_endian = np.frombuffer(entry["data"], dtype=DTYPES[entry["dtype"]])
        arrays[name] = little_endian.reshape(entry["shape"]).astype(little_endian.dtype.newbyteorder("="))
    return arrays
