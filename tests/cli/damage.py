"""Tables as bytes, damaged in every way that a file can be, and parts of the sentence that refuses each.

A case is what `pytest.param` makes of: content, further options of the command, parts of the sentence.
"""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable

import polars as pl
import pytest

ROWS = 14
LINES = ["x,c,y", *(f"{i * 7 % 11}.5,{'pq'[i % 2]},{'ab'[i * 3 % 7 > 2]}" for i in range(ROWS))]
TABLE = ("\n".join(LINES) + "\n").encode()
LAST = len(LINES)
TEN_MB = "z" * 10_000_000
COLUMNS = 10_000


def case(name, content, parts, *options):
    """A case; what is large is made when its test runs."""
    return pytest.param(content, options, [parts] if isinstance(parts, str) else parts, id=name)


def line(number: int, text: str) -> bytes:
    """The table with another line at a place, counted from 1."""
    return ("\n".join([*LINES[: number - 1], text, *LINES[number:]]) + "\n").encode()


def column(*values: str) -> bytes:
    """A table of these values, three times, beside two classes."""
    rows = "".join(f"{value};{'ab'[i % 2]}\n" for i, value in enumerate(values * 3))
    return f"x;y\n{rows}".encode()


def labels(*values: str) -> bytes:
    return ("x,y\n" + "".join(f"{i * 7 % 11},{value}\n" for i, value in enumerate(values))).encode()


def wide(*, ragged: int | None = None) -> Callable[[], bytes]:
    """A table of many columns; the class is missing from one line, if any is ragged."""

    def made() -> bytes:
        header = ",".join(f"v{j}" for j in range(COLUMNS)) + ",y"
        rows = (",".join(str(i * j % 7) for j in range(COLUMNS)) + f",{'ab'[i % 2]}" for i in range(1, 9))
        cut = [row[:-2] if number == ragged else row for number, row in enumerate([header, *rows], start=1)]
        return ("\n".join(cut) + "\n").encode()

    return made


def parquet(**columns) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


PARQUET = parquet(x=[i * 7 % 11 + 0.5 for i in range(20)], y=["a", "b"] * 10)

RAGGED = [
    *(case(f"short line {n}", line(n, "1,p"), f"data.csv, line {n}: 2 values, but") for n in (2, 8, LAST)),
    *(case(f"long line {n}", line(n, "1,p,a,b"), f"data.csv, line {n}: 4 values, but") for n in (2, 8, LAST)),
    case("cut in the last line", TABLE[:-3], f"data.csv, line {LAST}: 2 values, but the header has 3 names"),
    case("a line begun", TABLE + b"1.", f"data.csv, line {LAST + 1}: 1 value, but"),
    case("a line of spaces", TABLE + b"   \n", f"data.csv, line {LAST + 1}: 1 value, but"),
    case("the end mark of DOS", TABLE + b"\x1a", f"data.csv, line {LAST + 1}: 1 value, but"),
    case("a short header", line(1, "x,y"), "data.csv, line 2: 3 values, but the header has 2 names"),
    case("a long header", line(1, "x,c,d,y"), "data.csv, line 2: 3 values, but the header has 4 names"),
    case("a comma at each end", TABLE.replace(b"\n", b",\n").replace(b"y,", b"y"), "line 2: 4 values, but"),
    case("a comma in a value", line(5, "1,p, or q,a"), ["line 5: 4 values", "needs double quotes"]),
    case("lines of Windows", line(6, "1,p").replace(b"\n", b"\r\n"), "data.csv, line 6: 2 values"),
    case("after a blank line", b"x,y\n1,a\n\n2\n", "data.csv, line 4: 1 value, but"),
    case("after a value of two lines", b'x,y\n1,"a\nb"\n2,a,b\n', "data.csv, line 4: 3 values, but"),
    case("columns without end, ragged", wide(ragged=6), "line 6: 10,000 values, but the header has 10,001 names"),
]

EMPTY = [
    case("nothing", b"", "data.csv is empty; expected a header and rows."),
    case("blank lines", b"\n\r\n\n", "data.csv is empty"),
    case("white space", b" \n\t\n  ", "data.csv is empty"),
    case("a byte order mark", b"\xef\xbb\xbf", "data.csv is empty"),
    case("gzip of nothing", gzip.compress(b""), "data.csv is empty"),
    case("a header", b"x,c,y\n", "data.csv has a header but no rows."),
    case("a header without an end", b"x,c,y", "data.csv has a header but no rows."),
    case("a header and blank lines", b"x,c,y\n\n\n", "data.csv has a header but no rows."),
    case("one row", b"x,y\n1,a\n", "'y' is constant: 'a' in the only row"),
    case("two rows of two classes", b"x,y\n1,a\n2,b\n", "'y' has 2 different values in 2 rows"),
    case("three rows", labels("a", "b", "a"), ["too few rows", "such as 1"]),
]

ENCODINGS = [
    case("UTF-16, little", TABLE.decode().encode("utf-16"), "UTF-16 text; add --encoding utf-16"),
    case("UTF-16, big", b"\xfe\xff" + TABLE.decode().encode("utf-16-be"), "UTF-16 text; add --encoding utf-16"),
    case("UTF-16 without mark", TABLE.decode().encode("utf-16-le"), "data.csv, line 1: a NUL byte"),
    case("UTF-32, little", TABLE.decode().encode("utf-32"), "UTF-32 text; add --encoding utf-32"),
    case("UTF-32, big", b"\0\0\xfe\xff" + TABLE.decode().encode("utf-32-be"), "UTF-32 text"),
    case("latin-1", line(4, "1,café,a").decode().encode("latin-1"), ["line 4: byte 0xe9", "add --encoding latin-1"]),
    case("latin-1 in the header", b"gr\xf6\xdfe,y\n1,a\n", ["line 1: byte 0xf6", "add --encoding latin-1"]),
    case("a letter cut", TABLE + b"1,p,\xc3", f"line {LAST + 1}: byte 0xc3"),
    case("half of a pair", line(3, "1,p,a") + b"\xed\xa0\x80,p,a\n", f"line {LAST + 1}: byte 0xed"),
    case("not ASCII", "x,y\n1,ä\n".encode(), "line 2: byte 0xc3 is not ASCII", "--encoding", "ascii"),
    case("not UTF-16", TABLE, "is not UTF-16 text", "--encoding", "utf-16"),
    case("not UTF-32", TABLE, "is not UTF-32 text", "--encoding", "utf-32"),
    *(
        case(f"no encoding: {name}", TABLE, f"{name!r} is no encoding that Python knows", "--encoding", name)
        for name in ("klingon", "", "base64", "rot13", "hex", "zlib", "bz2", "undefined")
    ),
    case("NUL in the header", b"x\0,y\n1,a\n", "data.csv, line 1: a NUL byte"),
    case("NUL in a row", line(7, "1,p\0,a"), "data.csv, line 7: a NUL byte"),
    case("NULs at the end", TABLE + b"\0" * 4096, f"data.csv, line {LAST + 1}: a NUL byte"),
]

CLOSES = "a double quote opens in this row and never closes"
QUOTES = [
    case("open in the header", line(1, '"x,c,y'), f"data.csv, line 1: {CLOSES}"),
    case("open in the first row", line(2, '1,"p,a'), f"data.csv, line 2: {CLOSES}"),
    case("open in the middle", line(8, '"1,p,a'), f"data.csv, line 8: {CLOSES}"),
    case("open in the last row", line(LAST, '1,p,"a'), f"data.csv, line {LAST}: {CLOSES}"),
    case("open twice", line(3, '1,"p,a') + b'1,"q,a\n', "data.csv, line 3: ',' expected after '\"'"),
    case("closed too soon", line(5, '1,"p"q,a'), "data.csv, line 5: ',' expected after '\"'"),
    case("ten megabytes in an open quote", lambda: line(5, f'1,"{TEN_MB},a'), f"data.csv, line 5: {CLOSES}"),
]

HEADERS = [
    case("a name twice", b"x,x,y\n1,2,a\n", "data.csv, line 1: the header holds 'x' twice"),
    case("twice after stripping", b"x, x ,y\n1,2,a\n", "line 1: the header holds 'x' twice"),
    case("twice after a byte order mark", b"\xef\xbb\xbfx,x,y\n1,2,a\n", "line 1: the header holds 'x' twice"),
    case("twice after a blank line", b"\nx,x,y\n1,2,a\n", "line 2: the header holds 'x' twice"),
    case("the target twice", b"y,x,y\n1,2,a\n", "the header holds 'y' twice"),
    case("the place of a name is one", b"column_2,,y\n1,2,a\n", "the header holds 'column_2' twice"),
    case("ten megabytes", lambda: line(1, f"{TEN_MB},c,y"), ["line 1: the name 'zzz", "(10,000,000 letters)"]),
    case("ten megabytes twice", lambda: line(1, f"{TEN_MB},{TEN_MB},y"), "is too long for a column"),
    case("nothing else", TEN_MB.encode, "data.csv"),
    case("sep=", b"sep=;\n" + TABLE, ["line 1 is a note for Excel (sep=;)", "remove that line"]),
    case("sep= in quotes", b'"sep=,"\n' + TABLE, "is a note for Excel"),
]

INFINITE = ("1e999", "-1e999", "inf", "-inf", "+inf", "INF", "Infinity", "-Infinity")
NO_NUMBERS = ("oops", "∞", "0x1f", "$5", "5%", "1_000", "1 000", "--", "TRUE", "2020-01-01", "1.5.2")
VALUES = [
    *(case(f"infinite: {text}", column("1", "2", text), f"line 4: column 'x' holds '{text}'") for text in INFINITE),
    case("1e200", column("1", "2", "1e200"), "'x' is too large to be squared in row 3 (1e+200)"),
    case("-1e151", column("1", "-1e151", "3"), "'x' is too large to be squared in row 2 (-1e+151)"),
    *(
        case(f"no number: {text}", column("1", "2", text), [f"line 4: column 'x' holds numbers, but '{text}'", "--na"])
        for text in NO_NUMBERS
    ),
    case("decimal commas", column("1,5", "2,5", "3,5"), ["'x' holds numbers with commas", "add --decimal ','"]),
    case("thousands", column("1,000", "2,500", "13,000"), ["with commas", "thousands without a mark"]),
    case("a decimal comma", column("1", "2", "3,5"), ["line 4: column 'x'", "'3,5' with a comma", "--decimal ','"]),
    case(
        "half of them texts", b"x,y\n1,a\na,b\n2,a\nb,b\n3,a\nc,b\n", "no column is left to learn from ('x': it names"
    ),
    case("ten megabytes", lambda: line(5, f"{TEN_MB},p,a"), ["line 5: column 'x'", "(10,000,000 letters)"]),
    case("ten million digits", lambda: line(5, f"{'9' * 10**7},p,a"), ["line 5: column 'x'", "too large"]),
    case("ten megabytes alone", lambda: line(5, TEN_MB), "data.csv, line 5: 1 value, but"),
]

TARGETS = [
    case("constant", labels("a", "a", "a"), ["'y' is constant: 'a' in all 3 rows", "at least two classes"]),
    case("constant where present", labels("a", "", "a", "NA"), "'y' is constant: 'a' in all 2 rows"),
    case("continuous", labels(*(f"{i}.5" for i in range(30))), ["fractional numbers", "this looks like regression"]),
    case("a few fractions", labels("1.5", "2.5", "1.5"), "holds fractional numbers (row 1: 1.5)"),
    case("whole numbers", labels(*(str(i * i) for i in range(50))), ["50 different values", "looks like regression"]),
    case("names of rows", labels(*(f"row {i}" for i in range(50))), "'y' has 50 different values in 50 rows"),
    case("over half unique", labels(*(f"n{i * 2 // 3}" for i in range(90))), "this looks like regression"),
    case("dates", labels("2020-01-01", "2020-01-02", "2020-01-01"), "'y' holds dates or times (row 1: '2020-01-01')"),
    case("times", labels("12:30", "13:30", "12:30"), "'y' holds dates or times"),
    case("infinite", labels("1", "2", "inf", "1"), "'y' is infinite in row 3"),
    case("missing", labels("", "NA", "?"), "the target 'y' holds no values"),
    case("another case", TABLE, "no column 'Y' (the target). Did you mean 'y'?", "--target", "Y"),
    case("unknown", TABLE, ["no column 'zzz' (the target)", "Its columns are 'x', 'c', 'y'"], "--target", "zzz"),
    case("no name", TABLE, "no column '' (the target)", "--target", ""),
]

INPUTS = [
    case("constant", b"x,c,y\n" + b"1,p,a\n1,p,b\n" * 4, ["no column is left", "'x': it is constant", "'c': it is"]),
    case("missing", b"x,y\n,a\nNA,b\n?,a\n", "no column is left to learn from ('x': it holds no values)"),
    case("none", b"y\na\nb\na\n", "no column is left to learn from (the table has only the target)"),
    case("all dropped", TABLE, "no column is left to learn from ('x': you left", "--drop", "x", "--drop", "c"),
    case("unknown weights", TABLE, "no column 'w' (the weights)", "--weights", "w"),
    case("unknown groups", TABLE, "no column 'g' (the groups)", "--groups", "g"),
    *(
        case(f"unknown {name}", TABLE, "no column 'zzz'", f"--{name}", "zzz")
        for name in ("drop", "numeric", "categorical", "text")
    ),
    case("one group", b"x,g,y\n" + b"1,q,a\n2,q,b\n" * 5, ["in one group", "Leave the groups out"], "--groups", "g"),
    case("weights of text", TABLE, "the weights 'c' hold text; expected numbers >= 0", "--weights", "c"),
    case("negative weights", b"x,w,y\n1,1,a\n2,-1,b\n", "'w' are negative in row 2 (-1.0)", "--weights", "w"),
    case("infinite weights", b"x,w,y\n1,1,a\n2,inf,b\n", "line 3: column 'w' holds 'inf'", "--weights", "w"),
    case("weights of zero", b"x,w,y\n1,0,a\n2,0,b\n3,0,a\n", "3 rows have weight 0 ('w')", "--weights", "w"),
    case("missing weights", b"x,w,y\n1,,a\n2,,b\n", "the weights 'w' hold no values", "--weights", "w"),
    case("no class left", b"x,w,y\n1,0,a\n2,1,b\n3,0,a\n4,1,b\n", "'y' is constant: 'b'", "--weights", "w"),
    case("numbers of text", TABLE, "'c' is to be numeric, but row 1 holds 'p'", "--numeric", "c"),
    case(
        "numbers of nothing",
        b"x,c,y\n" + b"1,,a\n2,,b\n" * 2,
        "'c' holds no values, and cannot be numeric",
        "--numeric",
        "c",
    ),
    case("text without words", TABLE, "'c' holds no words of two letters or more", "--text", "c"),
]

OPTIONS = [
    case("another separator", TABLE, ["no column 'y'", "Its columns are 'x,c,y'"], "--separator", ";"),
    case("the point as separator", TABLE, "data.csv, line 2: 2 values", "--separator", "."),
    case("too few for a holdout", TABLE, "too few rows to hold any out", "--holdout", "0.01"),
]

CONTAINERS = [
    case("zip", b"PK\x03\x04rest", "spreadsheet or a zip archive; save the table as CSV"),
    case("empty zip", b"PK\x05\x06" + b"\0" * 18, "spreadsheet or a zip archive"),
    case("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "spreadsheet"),
    case("zip in gzip", gzip.compress(b"PK\x03\x04"), "spreadsheet or a zip archive"),
    case("gzip, cut", gzip.compress(TABLE)[:40], "data.csv is a damaged gzip file"),
    case("gzip, a head", b"\x1f\x8brest", "data.csv is a damaged gzip file"),
    case("gzip, wrong checksum", gzip.compress(TABLE)[:-8] + b"\0" * 8, "data.csv is a damaged gzip file"),
    case("gzip, more at the end", gzip.compress(TABLE) + b"junk", "data.csv is a damaged gzip file"),
    case("gzip of gzip", gzip.compress(gzip.compress(TABLE)), "data.csv, line 1"),
    case("bzip2", bz2.compress(TABLE), "data.csv is compressed (bzip2): unpack it first, or use gzip."),
    case("xz", lzma.compress(TABLE), "data.csv is compressed (xz)"),
    case("zstd", b"\x28\xb5\x2f\xfd\x04rest", "data.csv is compressed (zstd)"),
    case("parquet, a head", b"PAR1rest", "data.csv is a damaged Parquet file"),
    case("parquet, cut", PARQUET[:-50], "data.csv is a damaged Parquet file"),
    case("parquet, the middle lost", PARQUET[:50] + PARQUET[90:], "data.csv is a damaged Parquet file"),
    case("parquet, no rows", parquet(x=pl.Series([], dtype=pl.Float64)), "data.csv has no rows."),
    case("parquet, no columns", parquet(), "data.csv has no rows."),
    case("parquet, infinite", parquet(x=[1.0, float("inf"), 2.0], y=["a", "b", "a"]), "'x' is infinite in row 2"),
    case("parquet, lists", parquet(x=[[1], [2]] * 3, y=["a", "b"] * 3), "'x': it holds nested or binary values"),
    case("parquet, lists as target", parquet(x=[1, 2, 3], y=[[1], [2], [1]]), "'y' holds nested or binary values"),
    case("parquet, no target", parquet(x=[1.0, 2.0], y=pl.Series([None, None], dtype=pl.String)), "holds no values"),
    case("an image", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "data.csv, line 1: byte 0x89 is not UTF-8"),
    case("JSON", b'[{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]', "data.csv, line 1"),
    case("a page", b"<!DOCTYPE html>\n<html><body>Not, found</body></html>\n", "data.csv, line 2: 2 values"),
    case("a model", b"\x10\0\0\0\0\0\0\0{}", "data.csv, line 1: a NUL byte"),
]

DAMAGED = [*RAGGED, *EMPTY, *ENCODINGS, *QUOTES, *HEADERS, *VALUES, *TARGETS, *INPUTS, *OPTIONS, *CONTAINERS]
