import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import Coding, EncodeError, OptionError, decode_text, encode_text


@given(st.text())
def test_decode_is_the_inverse_of_encode(text):
    try:
        payload = encode_text(text)
    except EncodeError as error:
        assert "\ud800" <= error.character <= "\udfff"
    else:
        assert decode_text(payload) == text


def test_gsm_where_it_holds_all():
    assert encode_text("Grüße [€]").coding is Coding.GSM7
    assert encode_text("Zoë").coding is Coding.UCS2
    assert encode_text("hi", coding="ucs2").data.hex() == "00680069"


def test_a_forced_coding_refuses_what_it_lacks():
    with pytest.raises(EncodeError) as caught:
        encode_text("Zoë", coding="gsm7")
    assert str(caught.value) == "offset 2: expected a GSM 7-bit character, found 'ë' (U+00EB)"
    with pytest.raises(EncodeError) as caught:
        encode_text("a\ud800")
    assert str(caught.value) == "offset 1: expected a character, found a lone surrogate (U+D800)"
    with pytest.raises(OptionError) as caught:
        encode_text("x", coding="latin")
    assert str(caught.value) == "coding: expected auto, gsm7 or ucs2, found 'latin'"
