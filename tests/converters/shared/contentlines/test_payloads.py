from converters.shared.contentlines import received
from smsenc import Payload, Port, encode_text


def test_what_arrives_as_text_or_octets():
    assert received(Payload.to_port(Port.VCARD, b"N:\xc3\xa9")) == b"N:\xc3\xa9"
    assert received(encode_text("N:é")) == "N:é".encode()
    assert received(encode_text("N:Ж")) == "N:Ж".encode()
