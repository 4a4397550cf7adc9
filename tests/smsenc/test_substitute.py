import sys

import pytest

from smsenc import OptionError
from smsenc.alphabets import EXTENSION_OF, SEPTET_OF
from smsenc.substitute import Substitute, substitute

GSM = SEPTET_OF.keys() | EXTENSION_OF.keys()


@pytest.mark.parametrize(
    ("level", "text", "written"),
    [
        (Substitute.NEVER, "“ï”", "“ï”"),
        (Substitute.TYPOGRAPHIC, "“ï”…", '"ï"...'),
        (Substitute.TYPOGRAPHIC, "e\u0301", "é"),
        (Substitute.FULL, "“ï”", '"i"'),
        (Substitute.FULL, "o\u0302", "o"),
    ],
)
def test_characters_are_replaced_as_far_as_the_level_allows(level, text, written):
    assert substitute(text, level, GSM)[0] == written


def test_each_replacement_has_its_offset():
    assert substitute("a… e\u0301", Substitute.TYPOGRAPHIC, GSM)[1] == (
        (1, "…", "..."),
        (3, "e\u0301", "é"),
    )


def test_characters_of_the_alphabet_stay():
    text = "".join(GSM)
    for level in Substitute:
        assert substitute(text, level, GSM) == (text, ())


def test_only_other_scripts_need_the_library_of_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "anyascii", None)
    assert substitute("odbiór – „już”", Substitute.FULL, SEPTET_OF)[0] == 'odbior - "juz"'
    with pytest.raises(OptionError, match='pip install "smsenc\\[full\\]"'):
        substitute("Привет", Substitute.FULL, SEPTET_OF)
