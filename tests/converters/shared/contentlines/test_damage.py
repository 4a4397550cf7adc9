import pytest

from converters.shared.contentlines import components

CARD = b"BEGIN:VCARD\nN:Ana\nTEL:12\n"


def read(octets):
    return [
        (component.name, len(component.lines), [str(loss) for loss in component.losses])
        for component in components(octets)
    ]


@pytest.mark.parametrize(
    "end", ["END:VCARD.", "END:VCARD;", "end:vcard ,", "END:VCARD>>", "END : VCARD\\"]
)
def test_marks_behind_the_end_are_told(end):
    found = end.upper().partition("VCARD")[2].strip()
    why = f"expected nothing after it, found {found!r}"
    assert read(CARD + end.encode()) == [("VCARD", 2, [f"line 4: END:VCARD ignored: {why}"])]


@pytest.mark.parametrize(
    "between", [b"", b"\n", b"\n\xef\xbb\xbf", b"\x1a\n", b"\xef\xbb\xbf\n", b" \n\0\0"]
)
def test_what_nobody_sees_between_two_cards(between):
    assert read(CARD + b"END:VCARD" + between + CARD + b"END:VCARD\n") == [("VCARD", 2, [])] * 2


def test_an_end_behind_the_last_value():
    why = "expected a line of its own, found it after a value"
    told = [f"line 3: END:VCARD guessed: {why}"]
    first, second = components(CARD.rstrip() + b"END:VCARD\n" + CARD.rstrip() + b" end:vcard.")
    assert (first.lines[-1].raw, second.lines[-1].raw.strip()) == (b"12", b"12")
    assert ([str(loss) for loss in first.losses], first.closed, second.closed) == (told, True, True)


@pytest.mark.parametrize("name", ["VCRAD", "VCARDS", "VCAR"])
def test_an_end_with_a_slip(name):
    assert read(CARD + b"END:%b\n" % name.encode()) == [
        ("VCARD", 2, [f"line 4: END:{name} guessed: read as VCARD"])
    ]


def test_a_card_without_begin():
    told = "line 8: BEGIN:VCARD supplied: the lines begin without it"
    assert read(CARD + b"END:VCARD\nVERSION:2.1\nN:B\nTEL:3\nEND:VCARD\n") == [
        ("VCARD", 2, []),
        ("VCARD", 3, [told]),
    ]


def test_properties_outside_are_told_and_other_text_is_not():
    source = b"Dear all: see below\nX-Mailer: x\n" + CARD + b"END:VCARD\nTEL:5\nN:B\n" + CARD
    first, second = read(source + b"END:VCARD\n")
    assert first == ("VCARD", 2, [])
    assert second[2] == ["line 7: TEL left out: 2 lines outside of BEGIN and END"]


def test_an_event_without_begin():
    source = b"BEGIN:VCALENDAR\nVERSION:1.0\nSUMMARY:x\nDTSTART:20260401\nEND:VEVENT\nEND:VCALENDAR"
    (calendar,) = components(source)
    (event,) = calendar.children
    assert ([line.name for line in calendar.lines], event.number) == (["VERSION"], 3)
    assert [str(loss) for loss in event.losses] == [
        "line 5: BEGIN:VEVENT supplied: the lines begin without it"
    ]


def test_a_card_that_begins_behind_agent():
    source = b"BEGIN:VCARD\nAGENT:BEGIN:VCARD\nTEL:1\nEND:VCARD\nTEL:2\nEND:VCARD\n"
    (card,) = components(source)
    assert [line.raw for line in card.lines] == [b"BEGIN:VCARD", b"2"]
    assert [line.raw for line in card.children[0].lines] == [b"1"]
