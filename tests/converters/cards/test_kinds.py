import pytest

from converters.cards.convert import CONVERTER, convert
from converters.cards.reader import read
from converters.cards.viewer import VIEWER
from smsenc import Payload, Port

WHY = "expected a person, found a group of contacts (groups=yes sends its name)"


def card(line):
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:Rowers\n{line}\nORG:Club\nEND:VCARD\n".encode()


GROUPS = [
    "KIND:group",
    "kind:Group",
    "X-ADDRESSBOOKSERVER-KIND:group",
    "item1.X-ADDRESSBOOKSERVER-KIND;VALUE=text:GROUP",
    "X-EVOLUTION-LIST:TRUE",
    "MEMBER:urn:uuid:1",
    "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1",
]


@pytest.mark.parametrize("line", GROUPS)
def test_a_group_is_sent_only_if_asked_for(line):
    ((error, losses),) = read(card(line))
    name = line.split(":")[0].split(";")[0].removeprefix("item1.").upper()
    assert (str(error), losses) == (f"line 4: {name}: {WHY}", ())
    (item,) = convert(card(line), CONVERTER.settings({"groups": "yes"}))
    assert b"\r\nN:Rowers\r\n" in item.payload.data
    assert VIEWER.view(Payload.to_port(Port.VCARD, card(line))).lines


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("org", "an organisation"),
        ("LOCATION", "a place"),
        ("device", "a device"),
        ("x-robot", "the kind 'x-robot'"),
    ],
)
def test_other_kinds_are_told(kind, what):
    ((found, losses),) = read(card(f"KIND:{kind}"))
    assert found.name.family == "Rowers"
    assert [str(loss) for loss in losses] == [
        f"line 4: KIND ignored: phones keep people only; {what} is sent as one"
    ]


@pytest.mark.parametrize("line", ["KIND:individual", "KIND:", "X-EVOLUTION-LIST:FALSE"])
def test_a_person(line):
    ((found, losses),) = read(card(line))
    assert (found.name.family, losses) == ("Rowers", ())


def test_a_person_with_members_is_a_person():
    ((found, (loss,)),) = read(card("TEL:12\nMEMBER:urn:uuid:1"))
    assert found.name.family == "Rowers"
    assert str(loss) == "line 5: MEMBER left out: phones keep no such property"
