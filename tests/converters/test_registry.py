from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest
from hypothesis import given
from hypothesis import strategies as st

import converters
from converters import plugins, registry
from converters.api import Converter, Item, Option
from converters.errors import SourceError
from converters.installed import table
from converters.pictures import logos
from converters.pictures.logos import OPERATOR_LOGO
from smsenc import Coding, Element, OptionError, Payload, Port, SmsencError, encode_text

CARD = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Doe;Jo\r\nTEL:+447700900123\r\nEND:VCARD\r\n"
TABLE = table()
SOUND, PICTURE = Element(0x0C, b"\0BEGIN:IMELODY"), Element(0x11, bytes(33))


def test_all_formats_of_this_package_are_found():
    assert set(registry.converters()) >= {"text", "vcard", "calendar", "midi", "rtttl", "picture"}
    assert registry.viewers().keys() == {
        *("calendar", "caller-icon", "ems-message", "ems-picture", "ems-sound", "operator-logo"),
        *("picture-message", "ringtone", "text", "vcard"),
    }
    assert list(registry.viewers())[-1] == "text"  # anything without a port can be text


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
        ("a.xyz", b"", "expected a suffix that smsenc formats lists, or --as KIND"),
        ("-", b"\0\1\2", "expected a suffix that smsenc formats lists, or --as KIND"),
    ],
)
def test_a_source_of_no_known_format_is_refused(name, head, message):
    with pytest.raises(SourceError) as caught:
        registry.choose(name, head)
    assert str(caught.value).endswith(message)


def test_an_unknown_kind_lists_the_known_ones():
    with pytest.raises(OptionError) as caught:
        registry.named("fax")
    assert str(caught.value).startswith("--as: expected one of calendar, ")
    assert str(caught.value).endswith("found 'fax'")


@pytest.fixture
def installed(monkeypatch):
    """Replaces the installed entry points."""

    def install(*points):
        monkeypatch.setattr(registry, "_points", lambda _group: list(points))
        clear()

    def clear():
        for cached in vars(registry).values():
            if forget := getattr(cached, "cache_clear", None):
                forget()
        plugins.forget()

    yield install
    clear()


def point(name, value, group="smsenc.converters"):
    return EntryPoint(name, value, group)


def test_two_converters_of_one_name_are_an_error(installed):
    installed(*[point("text", "converters.texts.plain:CONVERTER")] * 2)
    for ask in (registry.converters, registry.descriptions):
        with pytest.raises(registry.RegistryError) as caught:
            ask()
        assert str(caught.value) == "expected one smsenc.converters row for text, found two"


def test_two_viewers_of_one_port_are_an_error(installed, monkeypatch):
    other = replace(OPERATOR_LOGO, kind="other")
    monkeypatch.setattr(logos, "OTHER", other, raising=False)
    names = ("OPERATOR_LOGO", "OTHER")
    installed(*(point(name, f"converters.pictures.logos:{name}") for name in names))
    with pytest.raises(registry.RegistryError) as caught:
        registry.viewer_on(Port.OPERATOR_LOGO)
    assert str(caught.value) == "expected one smsenc.viewers row for 5506, found two"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("converters.gone:CONVERTER", "to load, found: No module named 'converters.gone'"),
        ("converters.texts.plain:sniff", "to be a Converter, found function"),
    ],
)
def test_an_entry_point_that_is_not_a_converter_is_named(installed, value, error):
    installed(point("x", value))
    with pytest.raises(registry.RegistryError) as caught:
        registry.converters()
    assert str(caught.value) == f"expected {value} {error}"


def test_formats_in_the_table_are_described_without_loading_them(installed, monkeypatch):
    (name, *_), (row, *_) = zip(*TABLE["smsenc.converters"].items(), strict=True)
    installed(point(*name.split("=")))
    monkeypatch.setattr(EntryPoint, "load", None)
    (described,) = registry.descriptions()
    assert described.pop("plugin") is None
    assert described.items() <= row.items()
    assert set(described) == {"name", "summary", "suffixes", "options"}


def test_formats_that_are_not_in_the_table_are_loaded(installed, monkeypatch):
    described, viewers = registry.descriptions(), registry.viewers()
    points = {g: [point(*key.split("=")) for key in rows] for g, rows in TABLE.items()}
    installed()
    monkeypatch.setattr(registry, "_points", points.get)
    monkeypatch.setattr(registry, "_table", lambda: {group: {} for group in TABLE})
    assert registry.descriptions() == described
    assert registry.viewers() == viewers
    assert registry.choose("a.vcf", CARD).name == "vcard"
    assert registry.viewer_on(Port.VCARD).kind == "vcard"


def test_what_the_table_says_is_what_the_formats_say():
    for name, row in registry.converters().items():
        known = registry.known()[name]
        assert known.specific is row.specific
        for head in (CARD, b"hello", b"", b"BM", b"MThd", b"a:d=4:c", b"\x89PNG\r\n\x1a\n"):
            assert known.sniff(head) is row.sniff(head)


# --- viewers -------------------------------------------------------------------------------------

elements = st.lists(
    st.builds(Element, st.sampled_from([0x01, 0x0A, *range(0x0B, 0x15)]), st.binary(max_size=9)),
    max_size=3,
)
payloads = st.builds(
    lambda coding, elements: Payload(data=b"hi", coding=coding, elements=tuple(elements)),
    st.sampled_from(Coding),
    elements,
)


@given(payloads)
def test_no_payload_is_accepted_by_two_viewers(payload):
    accepting = [row for row in registry.viewers().values() if row.accepts and row.accepts(payload)]
    assert registry.viewer_of(payload) in (accepting or [registry.UNKNOWN])
    assert len(accepting) <= 1


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (encode_text("hi"), "text"),
        (encode_text("ő"), "text"),
        (Payload(data=b"hi", coding=Coding.OCTETS), "unknown"),
        (Payload.to_port(9, b"hi"), "unknown"),
        (Payload.to_port(Port.RINGTONE, b""), "ringtone"),
        (Payload(data=b"", coding=Coding.GSM7, elements=(SOUND,)), "ems-sound"),
        (Payload(data=b"", coding=Coding.GSM7, elements=(PICTURE,)), "ems-picture"),
        (Payload(data=b"", coding=Coding.GSM7, elements=(SOUND, PICTURE)), "ems-message"),
    ],
)
def test_a_viewer_is_found_by_port_or_because_it_accepts(payload, kind):
    assert registry.viewer_of(payload).kind == kind


def test_octets_that_no_viewer_knows_are_shown_in_hex():
    view = registry.UNKNOWN.view(Payload(data=bytes(range(33)), coding=Coding.OCTETS))
    assert view.lines == (bytes(range(32)).hex().upper(), "20")


# --- values --------------------------------------------------------------------------------------


def test_options_are_parsed_by_their_converter():
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
