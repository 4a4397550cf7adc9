"""What the octets of every kind of message say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT

from converters import registry
from converters.pipeline import items
from converters.received import explained
from smsenc import Payload, split
from smsenc.octetmap import leaves

SAMPLES = ROOT / "samples"
MADE = [
    (
        "logo.png",
        {"mcc-mnc": "262-07", "form": "spec"},
        {"version", "network", "line feed", "width"},
    ),
    ("logo.png", {"mcc-mnc": "262-07"}, {"network", "height", "depth", "pixels"}),
    ("logo.png", {}, {"version", "infofield", "pixels"}),
    ("photo.jpg", {"target": "picture-message", "text": "Hi"}, {"item type", "length", "text"}),
    ("photo.jpg", {"target": "profile", "text": "Hi"}, {"profile", "screen saver"}),
    ("photo.jpg", {"target": "ems-large"}, {"pixels", "position"}),
    ("greensleeves.rtttl", {}, {"command", "song type", "note", "tempo"}),
    ("contacts-21.vcf", {}, {"BEGIN", "N", "TEL", "END"}),
    ("meeting.ics", {}, {"BEGIN", "SUMMARY", "DTSTART"}),
    ("order.txt", {}, {"text"}),
]


def complete(part):
    at = 0
    for one in leaves(part.fields):
        assert one.start == at <= one.end
        assert one.start < one.end or one.fault
        at = one.end
    return at == len(part.octets)


def names_of(parts):
    return {field.name for part in parts for _, field in part.walk()}


@pytest.mark.parametrize(("name", "options", "names"), MADE)
def test_every_octet_has_a_name(name, options, names):
    item = next(items(name, (SAMPLES / name).read_bytes(), options=options))
    payload = item.unwrap()
    parts = split(payload, reference=1)
    for found in (
        explained.submits(payload, parts, "448311234567"),
        explained.parts(payload, parts),
    ):
        assert len(found) == len(parts)
        assert all(map(complete, found))
        assert names <= names_of(found)
        assert not any(part.faults for part in found)
    first = explained.submits(payload, parts, "448311234567")[0]
    assert first.octets.endswith(parts[0].udh + parts[0].data)


@given(st.sampled_from(sorted(registry.viewers())), st.binary(max_size=300))
def test_damaged_octets_are_explained_as_far_as_they_go(kind, octets):
    viewer = registry.viewers()[kind]
    at = 0
    for field in viewer.explain(octets):
        assert at <= field.start <= field.end <= len(octets)
        assert field.start < field.end or field.fault
        at = field.end
        for _, child in field.walk():
            assert field.start <= child.start <= child.end <= field.end
    if viewer.port is not None:
        payload = Payload.to_port(viewer.port, octets)
        parts = split(payload, reference=1)
        assert all(map(complete, explained.parts(payload, parts)))


def test_values_are_read():
    item = next(
        items("logo.png", (SAMPLES / "logo.png").read_bytes(), options={"mcc-mnc": "262-07"})
    )
    payload = item.unwrap()
    (part,) = explained.parts(payload, split(payload, reference=1))
    texts = {field.name: field.text for _, field in part.walk()}
    assert texts["network"] == "262-07 (MCC and MNC)"
    assert texts["width"] == "72 pixels"
    assert texts["destination"] == "5506 (0x1582, operator logo)"
