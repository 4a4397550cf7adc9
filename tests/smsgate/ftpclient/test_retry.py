"""Sessions that are opened again, and actions that are tried again."""

import threading

import pytest

from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.retry import RetryingSession, UnreachableError

BUSY, LOST, NEVER = GatewayBusyError("busy"), GatewayLostError("lost"), GatewayError("never")


class FakeSession:
    def __init__(self):
        self.pipelined = self.in_doubt = None
        self.ended = ""

    def drop(self):
        self.ended = "dropped"

    def close(self):
        self.ended = "closed"


class Failing:
    """Raises the ``errors`` one after another, then returns what ``make`` makes."""

    def __init__(self, *errors, make=FakeSession):
        self.errors = list(errors)
        self.calls = []
        self.make = make

    def __call__(self, *arguments):
        self.calls.append(arguments)
        if self.errors:
            raise self.errors.pop(0)
        return self.make()


@pytest.fixture
def pauses():
    return []


def retrying(connect, pauses, stop=None):
    return RetryingSession(connect, (1, 2), stop or threading.Event(), pauses.append)


def test_a_session_is_opened_once(pauses):
    connect = Failing()
    session = retrying(connect, pauses)
    assert session.session() is session.session()
    assert session.ask(lambda given: given) is session.session()
    assert (len(connect.calls), pauses) == (1, [])


def test_connecting_is_tried_again_after_pauses(pauses):
    session = retrying(Failing(LOST, BUSY), pauses)
    session.session()
    assert pauses == [1, 2]


@pytest.mark.parametrize(
    ("errors", "reason", "made"), [((LOST, LOST, BUSY), BUSY, [1, 2]), ((NEVER,), NEVER, [])]
)
def test_a_server_that_cannot_be_reached(pauses, errors, reason, made):
    with pytest.raises(UnreachableError) as caught:
        retrying(Failing(*errors), pauses).session()
    assert (caught.value.error, pauses) == (reason, made)


def test_a_busy_server_is_asked_on_the_same_session(pauses):
    connect = Failing()
    session = retrying(connect, pauses)
    assert session.ask(Failing(BUSY, BUSY, make=lambda: 7)) == 7
    assert (len(connect.calls), pauses) == (1, [1, 2])


def test_a_lost_session_is_opened_again(pauses):
    connect = Failing()
    session = retrying(connect, pauses)
    first = session.session()
    assert session.ask(Failing(LOST, make=lambda: 7)) == 7
    assert (first.ended, len(connect.calls), pauses) == ("dropped", 2, [1])


@pytest.mark.parametrize("error", [BUSY, LOST])
def test_without_pauses_left_the_error_is_raised(pauses, error):
    with pytest.raises(type(error)):
        retrying(Failing(), pauses).ask(Failing(*[error] * 3))
    assert pauses == [1, 2]


def test_a_refusal_is_not_tried_again(pauses):
    action = Failing(NEVER)
    with pytest.raises(GatewayError):
        retrying(Failing(), pauses).ask(action)
    assert (len(action.calls), pauses) == (1, [])


def test_pauses_are_used_up_until_something_works(pauses):
    session = retrying(Failing(), pauses)
    session.ask(Failing(BUSY))
    session.ask(Failing(BUSY))
    session.reset_pauses()
    session.ask(Failing(BUSY))
    assert pauses == [1, 2, 1]


@pytest.mark.parametrize("in_doubt", [False, True])
def test_a_session_lost_in_doubt_ends_pipelining(pauses, in_doubt):
    session = retrying(Failing(), pauses)
    session.session().in_doubt = in_doubt
    session.ask(Failing(LOST))
    assert session.session().pipelined is not in_doubt


def test_a_stop_ends_everything(pauses):
    stop = threading.Event()
    session = retrying(Failing(), pauses, stop)
    first = session.session()
    stop.set()
    with pytest.raises(UnreachableError, match="stopped"):
        session.ask(Failing())
    session.close()
    assert first.ended == "closed"
    with pytest.raises(UnreachableError, match="stopped"):
        session.session()
