from datetime import datetime

import pytest
from calendarcases import events, untitled
from hypothesis import given

from converters.calendars.reader import read
from converters.calendars.vcalendar import Event, write
from converters.calendars.viewer import view
from smsenc import Payload, Port


@given(events())
def test_what_is_written_comes_back(event):
    octets = write(event)
    assert octets.isascii()
    ((found, losses),) = read(octets)
    assert found == event
    assert [str(loss) for loss in losses if loss.what != "EXDATE"] == untitled(event)
    assert view(Payload.to_port(Port.VCALENDAR, octets)).lines


@pytest.mark.parametrize(
    ("rule", "repeats"),
    [
        ("D2 #10", {"FREQUENCY": 2, "COUNT": 10}),
        ("W2 FR #0", {"FREQUENCY": 2, "DAYOFWEEK": 5, "COUNT": 0}),
        ("MP1 1+ MO #12", {"FREQUENCY": 1, "WEEKOFMONTH": 1, "DAYOFWEEK": 1, "COUNT": 12}),
        ("MP12 4+ TH #0", {"FREQUENCY": 12, "WEEKOFMONTH": 4, "DAYOFWEEK": 4, "COUNT": 0}),
        ("MD1 15 #0", {"FREQUENCY": 1, "DAY": 15, "COUNT": 0}),
        ("YM1 7 #0", {"FREQUENCY": 1, "MONTH": 7, "DAY": 20, "COUNT": 0}),
        ("YD1 100 #0", {"FREQUENCY": 1, "DAYOFYEAR": 100, "COUNT": 0}),
    ],
)
def test_gammu_reads_the_rules(rule, repeats):
    # It keeps one day of several, and stops reading at LD and at a second position.
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    start = datetime(2024, 5, 20, 13)  # noqa: DTZ001 - floating
    event = Event(summary="x", start=start, rule=rule, category="MEETING")
    entries = gammu.DecodeVCS(write(event).decode("ascii"))["Entries"]
    found = {entry["Type"]: entry["Value"] for entry in entries}
    assert {
        name.removeprefix("REPEAT_"): value for name, value in found.items() if "REPEAT_" in name
    } == repeats


@pytest.mark.parametrize("text", ["a,b", "a;b", "a\nb", "a\\b", "\\n\\,\\;", "é,;\\\n."])
@pytest.mark.parametrize("name", ["summary", "location"])
def test_gammu_reads_every_text(name, text):
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    start = datetime(2024, 5, 20, 13)  # noqa: DTZ001 - floating
    event = Event(start=start, category="MEETING", **{name: text})
    entries = gammu.DecodeVCS(write(event).decode("ascii"))["Entries"]
    found = {entry["Type"]: entry["Value"] for entry in entries}
    kept = found["TEXT" if name == "summary" else "LOCATION"]
    assert kept.replace("\r\n", "\n") == text
