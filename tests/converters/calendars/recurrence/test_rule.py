from datetime import UTC, date, datetime

from converters.calendars.recurrence import stamp


def test_stamps():
    assert stamp(datetime(2024, 5, 20, 13, tzinfo=UTC)) == "20240520T130000Z"
    assert stamp(date(2024, 5, 20)) == "20240520T000000"
