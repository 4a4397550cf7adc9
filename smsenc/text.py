"""Text <-> payload."""

from __future__ import annotations

import codecs

from smsenc import gsm7
from smsenc.errors import EncodeError, OptionError
from smsenc.model import Coding, MessageClass, Payload, valid_payload


def encode_text(
    text: str, *, coding: str = "auto", message_class: MessageClass | None = None
) -> Payload:
    """Payload of ``text``; ``coding`` is "gsm7", "ucs2" or "auto".

    With "auto" it is GSM 7-bit if that has all characters, otherwise UCS-2. Raises EncodeError with
    the first character that the coding lacks; for UCS-2 that can only be a lone surrogate. Raises
    OptionError for an unknown coding.
    """
    if coding == "auto":
        septets = gsm7.try_encode(text)
    elif coding == Coding.GSM7:
        septets = gsm7.encode(text)
    elif coding == Coding.UCS2:
        septets = None
    else:
        raise OptionError(f"expected auto, gsm7 or ucs2, found {coding!r}", name="coding")
    if septets is None:
        return valid_payload(_utf16(text), _UCS2, (), message_class)
    return valid_payload(septets, _GSM7, (), message_class)


# Names of the module, because finding a member in its class takes longer than the comparison.
_GSM7, _UCS2 = Coding.GSM7, Coding.UCS2


def decode_text(payload: Payload) -> str:
    """The text of a GSM 7-bit or UCS-2 payload; octets are read as Latin-1.

    A lone surrogate, which a receiver cannot show, becomes U+FFFD.
    """
    if payload.coding is Coding.GSM7:
        return gsm7.decode(payload.data, *payload.languages)
    if payload.coding is Coding.UCS2:
        return payload.data.decode("utf-16-be", "replace")
    return payload.data.decode("latin-1")


def _utf16(text: str) -> bytes:
    try:
        return codecs.utf_16_be_encode(text)[0]  # str.encode would look for the codec each time
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise EncodeError(
            f"expected a character, found a lone surrogate (U+{ord(character):04X})",
            character=character,
            offset=error.start,
        ) from None
