"""Model files that `multilogit.io` would never write, under a right checksum wherever there can be one."""

import hashlib
import json

import numpy as np

from multilogit._files import container

BLANK = "0" * 64


def compact(content):
    return json.dumps(content, separators=(",", ":"))


def inner(**content):
    """The text of a model's header."""
    return compact({"file_sha256": BLANK, **content})


def outer(text, table=""):
    """The header of the file: that of the model, and a list of arrays as JSON without its braces."""
    return (f'{{"__metadata__":{{"multilogit":{json.dumps(text)}}}{"," if table else ""}{table}}}').encode()


def entry(name, dtype, shape, start, stop):
    """One line of the list of arrays."""
    return f"{json.dumps(name)}:" + compact({"dtype": dtype, "shape": shape, "data_offsets": [start, stop]})


def sealed(header, payload=b""):
    """The bytes of a file with any header, its digits of a checksum right."""
    blank = len(header).to_bytes(8, "little") + header + payload
    return blank.replace(BLANK.encode(), hashlib.sha256(blank).hexdigest().encode(), 1)


def parts(data):
    """The header of a model in a file, as JSON, and the arrays."""
    return container.unpack(data)


def forged(header, arrays):
    """The bytes of a file whose header and arrays may be any, with none of the checks of `container.pack`."""
    table, payload = [], b""
    for name, array in arrays.items():
        kind = {"float64": "F64", "float32": "F32", "uint8": "U8", "int64": "I64", "bool": "BOOL"}[array.dtype.name]
        data = np.ascontiguousarray(array).tobytes()
        table.append(entry(name, kind, list(array.shape), len(payload), len(payload) + len(data)))
        payload += data
    return sealed(outer(inner(**header), ",".join(table)), payload)
