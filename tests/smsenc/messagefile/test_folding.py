import pytest

from smsenc.messagefile.folding import folded


@pytest.mark.parametrize(
    ("text", "ascii_text"),
    [
        (" plain text ", "plain text"),
        ("\u202a+44\u202c\u200b", "+44"),
        ("\uff0b\uff14\uff14", "+44"),
        ("\u0664\u096a\u0e54", "444"),
        ("4\u20114\u22124\uff0d4", "4-4-4-4"),
        ("4\u00a04\u20074\u30004", "4 4 4 4"),
        ("\u20184\u201d", "'4\""),
        ("4\uff0f4\uff0c4\uff1b4", "4/4,4;4"),
        ("a\u2028b", "a\nb"),
        ("4\ufe0f\u20e3", "4"),
        ("\u17b4+4\ufff94\U0001d173\U000e0034", "+44"),
        ("\u00e9\u0416", "\u00e9\u0416"),
    ],
)
def test_what_looks_alike_is_ascii(text, ascii_text):
    assert folded(text) == ascii_text
