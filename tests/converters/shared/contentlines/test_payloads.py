import pytest

from converters.api import Action, Loss
from converters.errors import GuardError, SourceError
from converters.shared.contentlines import accepted, packed, received
from smsenc import Payload, Port, encode_text


def test_what_arrives_as_text_or_octets():
    assert received(Payload.to_port(Port.VCARD, b"N:\xc3\xa9")) == b"N:\xc3\xa9"
    assert received(encode_text("N:é")) == "N:é".encode()
    assert received(encode_text("N:Ж")) == "N:Ж".encode()


def test_octets_are_packed_with_the_losses_of_reading_and_writing():
    cut, left_out = (Loss(what="NOTE", action=Action.CUT, why=why) for why in ("a", "b"))
    found = [("card", (cut,))]
    (item,) = packed("vcard", Port.VCARD, found, lambda _card: (b"BEGIN", (left_out,)))
    assert item.payload == Payload.to_port(Port.VCARD, b"BEGIN")
    assert item.losses == (cut, left_out)


def test_errors_of_reading_and_writing_are_items():
    def refuse(_card):
        raise GuardError("too long")

    found = [(SourceError("damaged"), ()), ("card", ())]
    items = list(packed("vcard", Port.VCARD, found, refuse))
    assert [(item.payload, str(item.error)) for item in items] == [
        (None, "damaged"),
        (None, "too long"),
    ]


def test_what_is_accepted_is_read_until_the_first_error():
    def read(octets):
        yield octets, ()
        yield SourceError("damaged"), ()

    found = accepted(read, Payload.to_port(Port.VCARD, b"N:a"))
    assert next(found) == b"N:a"
    with pytest.raises(SourceError, match=r"^damaged$"):
        next(found)
