import pytest

from converters import optionchecks
from smsenc import OptionError


def test_a_misspelt_option_has_a_suggestion_and_a_wrong_value_says_who_expects_what():
    with pytest.raises(OptionError, match="no such option; did you mean place"):
        optionchecks.check({"plaze": "fit"}, None)
    with pytest.raises(OptionError) as caught:
        optionchecks.check({"target": "nonsense"}, None)
    assert "rtttl: expected ringtone or ems" in str(caught.value)
    assert "picture: expected operator-logo" in str(caught.value)


@pytest.mark.parametrize(
    ("sources", "value", "has", "lacks"),
    [
        (["a.png"], "picture", "(did you mean picture-message?)", "ringtone"),
        (["a.JPG", "b.vcf"], "screensaver", "(did you mean screen-saver?)", "ringtone"),
        (["a.mid"], "ringtones", "(did you mean ringtone?)", "caller-icon"),
        (["folder"], "nonsense", "caller-icon", "did you mean"),
        ([], "nonsense", "expected ringtone or ems", "did you mean"),
    ],
)
def test_the_converters_of_the_sources_say_what_they_expect(sources, value, has, lacks):
    with pytest.raises(OptionError) as caught:
        optionchecks.check({"target": value}, None, sources)
    assert has in str(caught.value)
    assert lacks not in str(caught.value)


@pytest.mark.parametrize(
    ("sources", "has", "lacks"),
    [
        (["a.png"], "dither", "bars"),
        (["a.mid", "b.ics"], "track", "dither"),
        (["folder"], "tz", "bogus"),
    ],
)
def test_an_unknown_option_is_answered_with_those_of_the_sources(sources, has, lacks):
    with pytest.raises(OptionError) as caught:
        optionchecks.check({"bogus": "1"}, None, sources)
    listed = str(caught.value).removeprefix("-O bogus: expected one of ").split(", ")
    assert has in listed
    assert lacks not in listed


def test_what_is_suggested_is_an_option_of_the_sources():
    with pytest.raises(OptionError, match="did you mean bars"):
        optionchecks.check({"bar": "3"}, None, ["a.mid"])
    with pytest.raises(OptionError, match="expected one of dither"):
        optionchecks.check({"bar": "3"}, None, ["a.png"])
