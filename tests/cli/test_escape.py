import shlex
import subprocess

import pytest

from multilogit.cli.escape import escaped, shell_word


def test_text_without_control_characters_stays_as_it_is():
    assert escaped("größe [x] \\n 日本") == "größe [x] \\n 日本"


@pytest.mark.parametrize(
    ("text", "shown"), [("a\nb", r"a\nb"), ("\t", r"\t"), ("\x1b[1m", r"\x1b[1m"), ("\u2028", r"\u2028")]
)
def test_control_characters_are_escaped(text, shown):
    assert escaped(text) == shown


@pytest.mark.parametrize("text", ["plain", "my file", "it's", "$HOME", ""])
def test_words_that_fit_a_line_are_quoted_as_usual(text):
    assert shell_word(text) == shlex.quote(text)


@pytest.mark.parametrize("text", ["a\nb", "it's\n", "back\\n\n$HOME", "\t x"])
def test_a_shell_reads_the_word_back(text):
    word = shell_word(text)
    assert "\n" not in word
    answer = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True, timeout=20)
    assert answer.stdout.decode() == text
