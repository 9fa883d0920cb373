"""One file: named arrays and one JSON text, in the safetensors format, under one SHA-256.

The layout is that of safetensors, so any of its readers opens the arrays::

    8 bytes   length n of the header, little-endian
    n bytes   JSON: {"__metadata__": {"multilogit": TEXT}, "coef": {dtype, shape, data_offsets}, ...}
    the rest  the arrays, one after the other

TEXT is the JSON of the model's header and holds ``"file_sha256"``: the SHA-256 of the whole file in which
these 64 hexadecimal digits are zeros. It is checked before the JSON is read.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from multilogit._arrays import Array
from multilogit.errors import InputError, ModelFileError
from multilogit.io.codec import parse

__all__ = ["FOREIGN", "MOST_HEADER_BYTES", "header_length", "pack", "unpack"]

MOST_HEADER_BYTES = 16 * 2**20
METADATA_KEY = "multilogit"
HASH_KEY = "file_sha256"
START = f'{{"__metadata__":{{"{METADATA_KEY}":'.encode()  # after the length, of every file that `pack` makes
FOREIGN = "this is not a model file, which `multilogit train` writes."
ADVICE = "Fetch an undamaged copy, or train the model again."
BLANK_HASH = "0" * 64
# The quotes of the inner JSON are escaped in the outer one; those of a column's name would be escaped twice.
HASH_FIELD = re.compile(rb'\\"file_sha256\\":\\"([0-9a-f]{64})\\"')
DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}


def pack(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Return the file's bytes; the same header and arrays always give the same bytes.

    Parameters
    ----------
    header : mapping
        What JSON can hold, without `HASH_KEY`.
    arrays : mapping of str to float32 or float64 arrays

    Raises
    ------
    InputError
        If the header is larger than a reader would accept.
    """
    text = json.dumps({HASH_KEY: BLANK_HASH, **header}, separators=(",", ":"), allow_nan=False)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    blank = safetensors.numpy.save(contiguous, metadata={METADATA_KEY: text})
    length = int.from_bytes(blank[:8], "little")
    if length > MOST_HEADER_BYTES:
        raise InputError(
            f"the model's names and levels take {length:,} bytes; a model file holds at most {MOST_HEADER_BYTES:,}."
        )
    start, stop = _hash_place(blank[: 8 + length])
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


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return header and arrays of a file's bytes.

    Raises
    ------
    ModelFileError
        If the bytes are not a model file, or not to the last bit the one that was written.
    """
    length = header_length(data[:8], len(data))
    start, stop = _hash_place(data[: 8 + length])
    digest = hashlib.sha256(data[:start])
    digest.update(BLANK_HASH.encode())
    digest.update(memoryview(data)[stop:])
    if digest.hexdigest().encode() != data[start:stop]:
        raise ModelFileError(f"the model file is damaged: its bytes do not agree with its checksum. {ADVICE}")
    return _header(data[8 : 8 + length]), _arrays(data)


def _hash_place(head: bytes) -> tuple[int, int]:
    places = [match.span(1) for match in HASH_FIELD.finditer(head)]
    if len(places) == 1:
        return places[0]
    if HASH_KEY.encode() in head or f'"{METADATA_KEY}":'.encode() in head:
        raise ModelFileError(f"the model file is damaged: its checksum is not readable. {ADVICE}")
    raise ModelFileError(FOREIGN)


def _header(outer: bytes) -> dict[str, Any]:
    content = parse(outer)
    metadata = content.get("__metadata__") if isinstance(content, dict) else None
    if not isinstance(metadata, dict) or list(metadata) != [METADATA_KEY]:
        raise ModelFileError(f"the metadata must hold {METADATA_KEY!r} and nothing else")
    header = parse(metadata[METADATA_KEY]) if isinstance(metadata[METADATA_KEY], str) else None
    if not isinstance(header, dict) or header.pop(HASH_KEY, None) is None:
        raise ModelFileError("the header must be a JSON object with a checksum")
    return header


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
