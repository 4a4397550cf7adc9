"""Received pictures written to files."""

import pytest
from picturesources import ARROW, PNG, convert, rows

from converters.pictures.bitmap import draw
from converters.pictures.convert import CONVERTER, LOGO_FILE
from converters.pictures.logos import (
    CALLER_ICON,
    OPERATOR_LOGO,
    decode_caller_icon,
    decode_operator_logo,
)
from converters.pictures.operators import Network


@pytest.mark.parametrize(
    "suffix", [writer.suffix for writer in CALLER_ICON.writers if writer.suffix != ".nsl"]
)
def test_what_is_written_is_read_again(suffix):
    item = convert(PNG)
    (writer,) = (row for row in CALLER_ICON.writers if row.suffix == suffix)
    assert suffix in (*CONVERTER.suffixes, *LOGO_FILE.suffixes)
    assert rows(writer.write(item.payload), size="source") == ARROW


def test_an_operator_logo_keeps_its_network_in_a_nol():
    (writer,) = (row for row in OPERATOR_LOGO.writers if row.suffix == ".nol")
    written = writer.write(convert(PNG, mcc_mnc="262-07").payload)
    item = convert(written)
    assert (item.kind, decode_operator_logo(item.payload.data)[0]) == (
        "operator-logo",
        Network("262", "07"),
    )


def test_the_logo_of_a_message_file_comes_back_to_the_same_octets():
    # The word "Clickatell", 72x14: an OTA bitmap as a gateway's documentation has it.
    otb = bytes.fromhex(
        "00480e010FC0000000000000003FF00000000000000070380F9B006000001B601818DB006000C01BCF0C305800"
        "6000C01BDF8C301B3E66F9EF9BDF8C301B626C8CD8DBDF8C301B60787CDFDBCF0C305B6078CCD81B601818DB62"
        "6C8CD8DB70380F9B3E66FCEF9B3FF0000000000000000FC000000000000000000000000000000000"
    )
    item = convert(otb)
    assert item.payload.data == b"\x30" + otb
    (writer,) = (row for row in CALLER_ICON.writers if row.suffix == ".otb")
    assert writer.write(item.payload) == otb
    assert draw(decode_caller_icon(item.payload.data)) == (
        "+------------------------------------------------------------------------+",
        "|  ▄▄██████▄▄                                                            |",
        "| ██▀      ▀██      ▄█▀▀▀█▄ ██ ██         ██             ▄▄         ██ ██|",
        "|██ ▄████▄   ██    ██     ▀ ██ ▄▄  ▄▄▄▄▄  ██  ▄▄ ▄▄▄▄▄  ▄██▄ ▄▄▄▄▄  ██ ██|",
        "|██ ██████   ██    ██       ██ ██ ██   ▀  ██▄█▀  ▀▄▄▄██  ██ ██▄▄▄██ ██ ██|",
        "|▀█▄ ▀▀▀▀   ▄█▀    ▀█▄   ▄█ ██ ██ ██   ▄  ██▀█▄  █▀  ██  ██ ██   ▄▄ ██ ██|",
        "| ▀██▄▄▄▄▄▄██▀       ▀▀▀▀▀  ▀▀ ▀▀  ▀▀▀▀▀  ▀▀  ▀▀ ▀▀▀▀▀▀  ▀▀▀ ▀▀▀▀▀  ▀▀ ▀▀|",
        "|    ▀▀▀▀▀▀                                                              |",
        "+------------------------------------------------------------------------+",
    )
