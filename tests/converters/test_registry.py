import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

import converters
from converters import registry
from converters.api import Converter, Item, Option
from converters.errors import SourceError
from smsenc import OptionError, SmsencError, encode_text

CARD = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Doe;Jo\r\nTEL:+447700900123\r\nEND:VCARD\r\n"


def test_every_row_of_ours_is_found():
    assert set(registry.converters()) >= {"text", "vcard", "calendar", "midi", "rtttl", "picture"}
    assert {row.kind for row in registry.viewers().values()} >= {
        "vcard",
        "calendar",
        "ringtone",
        "operator-logo",
        "caller-icon",
    }


def test_a_source_is_chosen_by_suffix_and_confirmed_by_content():
    assert registry.choose("a.VCF", CARD).name == "vcard"
    assert registry.choose("-", CARD).name == "vcard"
    assert registry.choose("notes.txt", CARD).name == "text"
    assert registry.choose("-", b"hello").name == "text"
    assert registry.choose("broken.vcf", b"nothing").name == "vcard"


@pytest.mark.parametrize(
    ("name", "head", "message"),
    [
        ("a.png", CARD, "expected picture, found vcard (--as vcard?)"),
        ("a.xyz", b"", "found .xyz"),
        ("-", b"\0\1\2", "found no suffix"),
    ],
)
def test_what_nothing_takes_is_refused(name, head, message):
    with pytest.raises(SourceError) as caught:
        registry.choose(name, head)
    assert str(caught.value).endswith(message)


def test_an_unknown_kind_lists_the_known_ones():
    with pytest.raises(OptionError) as caught:
        registry.named("fax")
    assert str(caught.value).startswith("--as: expected one of calendar, ")
    assert str(caught.value).endswith("found 'fax'")


def test_a_taken_name_is_an_error(monkeypatch):
    point = EntryPoint("text", "converters.texts.plain:CONVERTER", "smsenc.converters")
    monkeypatch.setattr(registry, "entry_points", lambda **_: [point, point])
    registry.converters.cache_clear()
    try:
        with pytest.raises(registry.RegistryError) as caught:
            registry.converters()
    finally:
        registry.converters.cache_clear()
    assert str(caught.value) == "expected one smsenc.converters row for text, found two"


def test_a_row_that_does_not_load_says_which(monkeypatch):
    point = EntryPoint("gone", "converters.gone:CONVERTER", "smsenc.converters")
    monkeypatch.setattr(registry, "entry_points", lambda **_: [point])
    registry.converters.cache_clear()
    try:
        with pytest.raises(registry.RegistryError) as caught:
            registry.converters()
    finally:
        registry.converters.cache_clear()
    assert str(caught.value).startswith("expected converters.gone:CONVERTER to load, found: ")


STRANGER = """
from converters.api import Converter, Item
from smsenc import encode_text

def convert(octets, settings):
    yield Item(kind="text", payload=encode_text(octets[::-1].decode("ascii")))

CONVERTER = Converter(name="backwards", summary="text from its end", suffixes=(".rev",),
                      sniff=lambda head: head.startswith(b"REV"), convert=convert)
"""


def test_a_stranger_s_format_is_found_like_ours(tmp_path):
    (tmp_path / "stranger.py").write_text(STRANGER)
    info = tmp_path / "stranger-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[smsenc.converters]\nbackwards = stranger:CONVERTER\n")
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        "import converters, smsenc\n"
        "(payload,) = converters.convert('a.rev', b'REV olleh')\n"
        "print(smsenc.decode_text(payload))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "hello VER\n"


def test_options_are_parsed_by_their_row():
    row = Converter(
        name="x",
        summary="",
        suffixes=(),
        sniff=bool,
        convert=lambda _octets, _settings: iter(()),
        options=(Option("size", "a number", parse=int, default=1), Option("name", "")),
    )
    assert row.settings({"size": "7"}) == {"size": 7, "name": None}
    with pytest.raises(OptionError) as caught:
        row.settings({"colour": "red"})
    assert str(caught.value) == "colour: expected an option of x (size, name)"
    with pytest.raises(OptionError) as caught:
        row.settings({"size": "x"})
    assert str(caught.value).startswith("size: invalid literal")


def test_an_item_has_a_payload_or_an_error():
    with pytest.raises(ValueError, match="either"):
        Item(kind="text")
    with pytest.raises(ValueError, match="either"):
        Item(kind="text", payload=encode_text("x"), error=SmsencError("x"))


def test_convert_takes_a_converter_s_name_or_a_file_s():
    assert converters.convert("text", b"hi") == converters.convert("a.txt", b"hi")
    assert converters.convert("a.txt", b"hi", coding="ucs2") == (encode_text("hi", coding="ucs2"),)
    with pytest.raises(SourceError):
        converters.convert("vcard", b"")
