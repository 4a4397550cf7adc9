import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.cards.convert import CONVERTER
from converters.errors import GuardError
from converters.shared import fitting
from converters.shared.fitting import Field, boundaries, fit, room, shortened
from smsenc import OptionError, Payload, Port, split


@pytest.mark.parametrize(("parts", "octets"), [(1, 133), (2, 256), (3, 384), (255, 32_640)])
def test_room(parts, octets):
    assert room(parts, port=Port.VCARD) == octets
    assert len(split(Payload.to_port(Port.VCARD, bytes(octets)), reference=1)) == parts
    if parts < 255:
        assert len(split(Payload.to_port(Port.VCARD, bytes(octets + 1)), reference=1)) == parts + 1


NAME, MAIL, NOTE = Field("N", b"nnnn", 0), Field("EMAIL", b"eee", 1), Field("NOTE", b"oo", 2)


def test_what_fits_goes_in_as_it_is_written():
    assert fit([NOTE, NAME, MAIL], 10, 1) == (b"oonnnneee", ())


def test_what_is_important_goes_in_first_and_what_is_smaller_after_it():
    octets, losses = fit([NOTE, NAME, MAIL], 9, 1)
    assert octets == b"nnnneee"
    assert [str(loss) for loss in losses] == [
        "NOTE left out: the message holds at most 9 octets",
    ]
    octets, (loss,) = fit([Field("EMAIL", b"e" * 9, 1, line=4), NAME, NOTE], 9, 1)
    assert octets == b"nnnnoo"
    assert str(loss) == "line 4: EMAIL left out: the message holds at most 9 octets"


def test_what_can_be_shortened_is():
    note = Field("NOTE", b"o" * 20, 2, lambda most: b"." * most if most > 1 else None)
    octets, (loss,) = fit([NAME, note], 9)
    assert octets == b"nnnn....."
    assert str(loss) == "NOTE cut: the message holds at most 9 octets"
    octets, (loss,) = fit([NAME, note], 5)
    assert octets == b"nnnn"
    assert loss.action == "left out"


@pytest.mark.parametrize(
    ("holds", "fixed", "strict", "text"),
    [
        (9, 6, False, "N: expected at most 3 octets, found 4"),
        (3, 5, False, "N: expected at most 0 octets, found 4"),
        (8, 1, True, "NOTE: expected at most 0 octets, found 2"),
    ],
)
def test_what_must_fit_and_does_not(holds, fixed, strict, text):
    with pytest.raises(GuardError) as caught:
        fit([NOTE, NAME, MAIL], holds, fixed, strict=strict)
    assert str(caught.value) == f"{text}: the message holds at most {holds} octets"


FIELDS = st.lists(
    st.builds(Field, st.just("X"), st.binary(max_size=9), st.integers(1, 3), st.none(), st.none())
)


@given(FIELDS, st.integers(0, 40))
def test_it_fits_and_nothing_is_lost_unsaid(fields, holds):
    octets, losses = fit(fields, holds)
    assert len(octets) <= holds or not fields
    if sum(len(field.octets) for field in fields) > holds:
        assert losses
    else:
        assert losses == ()


# Shortened texts.


@pytest.mark.parametrize(
    ("text", "most", "octets"),
    [
        ("Call before six on Friday", 23, b"Call before six on..."),
        ("Call before six on Friday", 21, b"Call before six on..."),
        ("Call before six on Friday", 20, b"Call before six..."),
        ("Call before six on Friday", 12, None),
        ("x" * 90, 50, b"x" * 47 + b"..."),
        ("short text", 4, None),
        ("", 4, None),
    ],
)
def test_a_text_is_cut_between_words(text, most, octets):
    assert shortened(text, str.encode, most) == octets


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("ab", [1]),
        ("e\u0301a", [2]),
        ("👍🏽a", [2]),
        ("👩\u200d🔬a", [3]),
        ("🇩🇪🇫🇷", [2]),
        ("❤\ufe0fa", [2]),
    ],
)
def test_where_a_text_may_be_cut(text, ends):
    assert list(boundaries(text)) == ends


CLUSTERS = st.text(st.sampled_from(list("ab é😀👍🏽🇩🇪\u200d\u0301\n")), max_size=60)


@given(CLUSTERS, st.integers(0, 90))
def test_a_shortened_text_begins_the_whole_one(text, most):
    octets = shortened(text, str.encode, most)
    if octets is not None:
        assert len(octets) <= most
        beginning = octets.decode().removesuffix(fitting.ELLIPSIS)
        assert text.startswith(beginning)
        rest = text[len(beginning) :]
        assert not rest or rest[0] not in "🏽\u200d\u0301"


@pytest.mark.parametrize("given_", ["0", "256", "-1", "x", "", "٣"])
def test_parts_are_a_number(given_):
    with pytest.raises(OptionError) as caught:
        CONVERTER.settings({"max-parts": given_})
    expected = f"max-parts: expected a number of parts 1..255, found {given_!r}"
    assert str(caught.value) == expected


def test_strict_is_yes_or_no():
    with pytest.raises(OptionError) as caught:
        CONVERTER.settings({"strict": "maybe"})
    assert str(caught.value) == "strict: expected yes or no, found 'maybe'"
    settings = CONVERTER.settings({"strict": "yes", "max-parts": "255"})
    assert (settings.strict, settings.max_parts) == (True, 255)
