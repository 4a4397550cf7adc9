from datetime import datetime

import pytest

from converters.calendars.properties import MOST_EXCEPTIONS
from converters.calendars.reader import read


@pytest.mark.parametrize(
    ("priority", "expected"), [("1", 1), ("3", 1), ("4", 2), ("6", 2), ("7", 3), ("0", None)]
)
def test_priorities(priority, expected):
    source = f"BEGIN:VTODO\nSUMMARY:x\nPRIORITY:{priority}\nEND:VTODO\n"
    ((event, losses),) = read(source.encode())
    assert (event.priority, losses) == (expected, ())


def test_a_default_alarm_that_is_none_is_no_loss():
    alarm = b"BEGIN:VALARM\nACTION:NONE\nTRIGGER:-PT1H\nEND:VALARM\n"
    source = b"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20240520\n"
    ((event, losses),) = read(source + alarm + b"END:VEVENT\n")
    assert (event.alarm, losses) == (None, ())


def test_one_alarm_of_two():
    source = b"BEGIN:VEVENT\nDTSTART:20240520\nAALARM:20240519T200000\nDALARM:20240519T210000\n"
    ((event, (loss,)),) = read(source + b"SUMMARY:x\nEND:VEVENT\n")
    assert (event.alarm, event.loud) == (datetime(2024, 5, 19, 20), True)  # noqa: DTZ001 - floating
    assert str(loss) == "line 4: DALARM left out: phones keep one alarm"


def test_too_many_exceptions():
    dates = ",".join(["20240520"] * (MOST_EXCEPTIONS + 1))
    lines = f"DTSTART:20240520\nEXDATE:{dates}\nSUMMARY:x\nRRULE:FREQ=DAILY"
    source = f"BEGIN:VEVENT\n{lines}\nEND:VEVENT\n"
    ((_event, (loss,)),) = read(source.encode())
    assert str(loss) == "line 3: EXDATE cut: expected at most 100 of them, found more"
