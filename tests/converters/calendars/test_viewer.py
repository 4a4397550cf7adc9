from calendarcases import events, untitled
from hypothesis import given
from places import ROOT

from converters.calendars.convert import CONVERTER, convert
from converters.calendars.reader import read
from converters.calendars.vcalendar import write
from converters.calendars.viewer import VIEWER, in_zone, view
from smsenc import Payload, Port, encode_text

SETTINGS = CONVERTER.settings({})
SAMPLE = ROOT / "samples" / "meeting.ics"


VECTORS = ROOT / "tests" / "vectors" / "calendar"


@given(events())
def test_what_is_written_back_as_a_file_comes_again(event):
    payload = Payload.to_port(Port.VCALENDAR, write(event))
    for writer in VIEWER.writers:
        ((found, losses),) = read(writer.write(payload))
        assert found == event, writer.suffix
        assert [str(loss) for loss in losses if loss.what != "EXDATE"] == untitled(event)


def test_files_laid_end_to_end_are_one():
    items = list(convert(SAMPLE.read_bytes(), SETTINGS))
    for writer in VIEWER.writers:
        assert writer.joins
        both = b"".join(writer.write(item.payload) for item in items)
        assert [item.payload for item in convert(both, SETTINGS)] == [i.payload for i in items]


def test_view():
    items = list(convert(SAMPLE.read_bytes(), SETTINGS))
    shown = view(items[0].payload)
    assert shown.content == {
        "type": "event",
        "summary": "Weekly review",
        "category": "MEETING",
        "start": "2024-05-20T13:00:00",
        "end": "2024-05-20T14:00:00",
        "location": "Café, Room 1",
        "alarm": "2024-05-20T12:45:00",
        "rule": "W1 MO 20240715T130000",
    }
    assert shown.lines[-2:] == (
        "Repeats   W1 MO 20240715T130000",
        "Zone      none: the local time of the phone",
    )
    both = view(Payload.to_port(Port.VCALENDAR, b"".join(item.payload.data for item in items)))
    assert [event["summary"] for event in both.content["events"]] == [
        "Weekly review",
        "Summer break",
    ]


def test_view_of_a_to_do():
    (item,) = convert((VECTORS / "valid" / "todo.ics").read_bytes(), SETTINGS)
    assert view(item.payload).lines == (
        "Type      to-do",
        "Summary   Submit taxes",
        "Due       2024-01-31T17:00:00",
        "Alarm     2024-01-31T16:00:00",
        "Priority  3",
        "Done      yes",
        "Zone      none: the local time of the phone",
    )


def test_view_of_a_calendar_sent_as_7_bit_text():
    # gammu 1.42 sends calendars so.
    event = "BEGIN:VEVENT\r\nDTSTART:20240520T130000Z\r\nEND:VEVENT\r\n"
    text = f"BEGIN:VCALENDAR\r\nVERSION:1.0\r\n{event}END:VCALENDAR\r\n"
    shown = view(encode_text(text))
    assert shown.content["start"] == "2024-05-20T13:00:00Z"
    assert shown.lines[-1] == "Zone      UTC"
    moved = in_zone(encode_text(text), "America/New_York")
    assert moved.content["start"] == "2024-05-20T09:00:00"
    assert moved.lines[-1] == "Zone      America/New_York"
    floating = in_zone(encode_text(text.replace("00Z", "00")), "America/New_York")
    assert floating.content["start"] == "2024-05-20T13:00:00"
    assert floating.lines[-1] == "Zone      none: the local time of the phone"
