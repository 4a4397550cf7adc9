import pytest

from smsenc import Port
from smsenc.messagefile.messagetypes import BY_PORT, MESSAGE_TYPES

BITMAP = bytes.fromhex("00480e01")


def test_a_payload_is_written_as_the_type_of_its_port():
    assert {port: row.name for port, row in BY_PORT.items()} == {
        Port.RINGTONE: "SMS_NOKIA_RINGTONE",
        Port.OPERATOR_LOGO: "SMS_NOKIA_OLOGO",
        Port.CALLER_ICON: "SMS_NOKIA_GLOGO",
    }


def test_only_texts_have_no_port():
    assert [row.name for row in MESSAGE_TYPES.values() if row.port is None] == [
        "SMS_TEXT",
        "SMS_FLASH",
    ]


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("SMS_NOKIA_OLOGO", "62f270"),
        ("SMS_NOKIA_OLOGO", "62f2700a"),
        ("SMS_NOKIA_OLOGO", "3062f2700a"),
        ("SMS_NOKIA_OLOGO", "3062f270"),  # a version without its line feed
        ("SMS_NOKIA_RINGTONE", ""),
    ],
)
def test_data_are_cut_where_the_content_begins(name, before):
    cut = MESSAGE_TYPES[name].content.cut
    assert cut(bytes.fromhex(before) + BITMAP) == (bytes.fromhex(before), BITMAP)


@pytest.mark.parametrize("before", ["", "30"])
def test_a_caller_icon_loses_nothing_with_its_version(before):
    assert MESSAGE_TYPES["SMS_NOKIA_GLOGO"].content.cut(bytes.fromhex(before) + BITMAP) == (
        b"",
        BITMAP,
    )
