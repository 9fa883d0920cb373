"""Names and values as one line of text, whatever they hold."""

import shlex
import unicodedata

__all__ = ["escaped", "shell_word"]

BREAKING = frozenset({"Cc", "Zl", "Zp"})  # control characters, separators of lines and of paragraphs


def escaped(text: str) -> str:
    r"""Return a text with its line breaks, tabs and other control characters as escapes.

    Examples
    --------
    >>> print(escaped("a\nb"))
    a\nb
    """
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in BREAKING else letter
        for letter in text
    )


def shell_word(text: str) -> str:
    r"""Return a text as one word of a shell's command line, on one line.

    Examples
    --------
    >>> print(shell_word("my file"), shell_word("a\nb"))
    'my file' $'a\nb'
    """
    if escaped(text) == text:
        return shlex.quote(text)
    return "$'" + escaped(text.replace("\\", "\\\\").replace("'", "\\'")) + "'"
