"""What a route may want in data_coding."""

from __future__ import annotations

import pytest

from smsenc import OptionError
from smsenc.smpp.mapping import CodingProfile


def test_data_coding_of_octets():
    with pytest.raises(OptionError) as error:
        CodingProfile(binary=0x08)
    assert str(error.value) == "binary: expected 0x02, 0x04 or 0xF4 to 0xF7, found 8"
