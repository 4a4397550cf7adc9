from datetime import datetime

import pytest
from places import ROOT

from converters.calendars.convert import CONVERTER, convert
from converters.calendars.viewer import write_ics

SAMPLE = ROOT / "samples" / "meeting.ics"


def test_icalendar_reads_what_is_written_back():
    icalendar = pytest.importorskip("icalendar")
    (item,) = list(convert(SAMPLE.read_bytes(), CONVERTER.settings({})))[:1]
    (event,) = icalendar.Calendar.from_ical(write_ics(item.payload)).events
    assert (event.start, event.end) == (datetime(2024, 5, 20, 13), datetime(2024, 5, 20, 14))  # noqa: DTZ001 - floating
    assert event["LOCATION"] == "Café, Room 1"
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20240715T130000;BYDAY=MO"
    assert event.alarms.times[0].trigger == datetime(2024, 5, 20, 12, 45)  # noqa: DTZ001 - floating
    assert event.errors == []
