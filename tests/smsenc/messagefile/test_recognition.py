import pytest

from smsenc.messagefile.recognition import is_message_file


@pytest.mark.parametrize(
    "text",
    [
        "api_id:1\nuser:u\npassword:p\ntext:Hi\nto:447700900321\n",
        "some words\n  API-ID : 1",
        "apiid=1",
        '{"api_id": "1"}',
        "to:447700900321\ntext:Hi",
        "text: Hi\r\n\r\nTo: 447700900321\r\n",
        "csv:447700900321,Ann\ndelimiter:,\ntext:#field1#",
    ],
)
def test_message_files(text):
    assert is_message_file(text)


@pytest.mark.parametrize(
    "text",
    ["", "Hello", "to:447700900321", "text: call me", "to: Bob\nsee you", "user: ann\npassword: x"],
)
def test_texts(text):
    assert not is_message_file(text)
