import pytest

from smsenc.scripts import script_of, scripts_of


@pytest.mark.parametrize(
    ("character", "script"),
    [
        ("\u1230", "Ethiopic"),
        ("\u0928", "Devanagari"),
        ("\u094d", "Devanagari"),
        ("\u0967", "Devanagari"),
        ("\u0436", "Cyrillic"),
        ("\u4e2d", "Chinese"),
        ("\uac00", "Hangul"),
        ("\u0663", "Arabic"),
        ("\u00eb", "Latin"),
        ("\U0001f600", "emoji"),
        ("\u2600", "emoji"),
        ("\u2026", ""),
        ("\u0301", ""),
        ("\ud800", ""),
        ("\ue000", ""),
    ],
)
def test_scripts(character, script):
    assert script_of(character) == script


def test_symbols_count_with_their_script_and_joiners_with_emoji():
    assert scripts_of("\u1230\u1362\u2026") == ["Ethiopic", "Ethiopic", ""]
    assert scripts_of("\u1362") == [""]
    assert scripts_of("\U0001f469\u200d\U0001f467\ufe0f") == ["emoji"] * 4
