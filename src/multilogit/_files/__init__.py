"""Files: data only, under one checksum, written whole or not at all.

::

    codec.py        frozen dataclasses to JSON and strictly back
    container.py    named arrays and one JSON text: one safetensors file under one SHA-256
    atomic.py       temporary file, fsync, rename

Nothing is ever unpickled, and nothing in a file is used before its checksum agrees.
"""
