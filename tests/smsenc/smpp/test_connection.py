"""A session between the two roles: its states, its window, its clock, and what is malformed."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smpppdus import KINDS, PDUS

from smsenc.smpp import (
    Answer,
    Closed,
    Connection,
    Overdue,
    Pdu,
    Refused,
    Request,
    Role,
    SmppError,
    State,
    StateError,
    Status,
    Stray,
    Timers,
    codec,
    decode,
    encode,
    pdus,
)
from smsenc.smpp.connection import LAST_SEQUENCE

BINDS = {
    State.BOUND_TX: pdus.BindTransmitter,
    State.BOUND_RX: pdus.BindReceiver,
    State.BOUND_TRX: pdus.BindTransceiver,
}


def pair(kind=pdus.BindTransceiver, **options):
    """A bound ESME and SMSC."""
    esme, smsc = Connection(Role.ESME, **options), Connection(Role.SMSC, **options)
    esme.send(kind(system_id="me", password="secret"), 0)
    (request,) = smsc.receive(esme.outgoing(), 0)
    smsc.answer(request.pdu)
    (answer,) = esme.receive(smsc.outgoing(), 0)
    assert isinstance(answer, Answer)
    assert esme.state is smsc.state
    return esme, smsc


def in_state(role, state):
    """One end in a state, and its peer."""
    if state is State.OPEN:
        ends = Connection(Role.ESME), Connection(Role.SMSC)
    else:
        ends = pair(BINDS[state])
    return ends if role is Role.ESME else ends[::-1]


def octets_of(connection):
    """The PDUs that a connection wants to write."""
    octets, found = connection.outgoing(), []
    while octets:
        length = int.from_bytes(octets[:4], "big")
        found.append(decode(octets[:length]))
        octets = octets[length:]
    return found


def test_a_message_is_answered():
    esme, smsc = pair()
    sent = esme.send(pdus.SubmitSm(short_message=b"hello"), 1)
    (request,) = smsc.receive(esme.outgoing(), 1)
    assert request == Request(sent)
    smsc.answer(request.pdu, pdus.SubmitSmResp(message_id="7"))
    (answer,) = esme.receive(smsc.outgoing(), 2)
    assert (answer.request, answer.pdu.body.message_id) == (sent, "7")
    assert (answer.status, answer.error) == (0, None)
    assert esme.waiting == 0


# --- Which PDU is allowed when -------------------------------------------------------------------

SUBMITTED = "submit_sm submit_multi data_sm query_sm cancel_sm replace_sm"
#: Table 2-1 of the specification by role and state; enquire_link is allowed before the bind, too.
TABLE = {
    (Role.ESME, State.OPEN): "bind_transmitter bind_receiver bind_transceiver enquire_link",
    (Role.ESME, State.BOUND_TX): f"{SUBMITTED} enquire_link unbind",
    (Role.ESME, State.BOUND_RX): "enquire_link unbind",
    (Role.ESME, State.BOUND_TRX): f"{SUBMITTED} enquire_link unbind",
    (Role.SMSC, State.OPEN): "outbind enquire_link",
    (Role.SMSC, State.BOUND_TX): "enquire_link unbind",
    (Role.SMSC, State.BOUND_RX): "deliver_sm data_sm alert_notification enquire_link unbind",
    (Role.SMSC, State.BOUND_TRX): "deliver_sm data_sm alert_notification enquire_link unbind",
}
REQUESTS = [kind for kind in KINDS if not codec.is_response(kind)]


def name(kind):
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__)[1:]


@pytest.mark.parametrize(("role", "state"), TABLE)
@pytest.mark.parametrize("kind", REQUESTS, ids=name)
def test_the_table_of_what_is_allowed(role, state, kind):
    allowed = name(kind) in TABLE[role, state].split()
    here, there = in_state(role, state)
    if allowed:
        here.send(kind(), 1)
        events = there.receive(here.outgoing(), 1)
        assert not any(isinstance(event, Refused) for event in events)
        return
    with pytest.raises(StateError) as error:
        here.send(kind(), 1)
    assert str(error.value) == f"expected no {name(kind)} in a session that is {state}"
    assert here.outgoing() == b""
    # The peer refuses it, too, and the session goes on.
    (refused,) = there.receive(encode(Pdu(kind(), 77)), 1)
    (answer,) = octets_of(there)
    again = kind in BINDS.values() and state is not State.OPEN
    status = Status.ESME_RALYBND if again else Status.ESME_RINVBNDSTS
    assert (refused.sequence_number, refused.error.status) == (77, status)
    assert type(answer.body) is (codec.response_to(kind) or pdus.GenericNack)
    assert (answer.sequence_number, answer.command_status) == (77, status)
    assert there.state is state


@pytest.mark.parametrize("kind", [k for k in KINDS if codec.is_response(k)], ids=name)
def test_an_answer_cannot_be_sent_as_a_request(kind):
    esme, _ = pair()
    with pytest.raises(StateError):
        esme.send(kind(), 1)


def test_one_bind_at_a_time():
    esme, smsc = Connection(Role.ESME), Connection(Role.SMSC)
    bind = esme.send(pdus.BindReceiver(), 0)
    with pytest.raises(StateError) as error:
        esme.send(pdus.BindTransmitter(), 0)
    assert str(error.value) == "expected no bind_transmitter in a session that is open, with a bind"
    smsc.receive(esme.outgoing(), 0)
    smsc.receive(encode(Pdu(pdus.BindTransmitter(), 2)), 0)
    assert octets_of(smsc) == [Pdu(pdus.BindTransmitterResp(), 2, Status.ESME_RALYBND)]
    smsc.answer(bind)
    assert smsc.state is State.BOUND_RX


@pytest.mark.parametrize("role", Role)
def test_outbind_comes_from_the_message_centre(role):
    here, there = in_state(role, State.OPEN)
    events = here.receive(encode(Pdu(pdus.Outbind(system_id="smsc"), 1)), 0)
    assert isinstance(events[0], Request if role is Role.ESME else Refused)
    assert there.state is State.OPEN


def test_a_bind_that_is_refused_may_be_tried_again():
    esme, smsc = Connection(Role.ESME), Connection(Role.SMSC)
    for status in (Status.ESME_RINVPASWD, Status.ESME_ROK):
        esme.send(pdus.BindTransceiver(), 0)
        (request,) = smsc.receive(esme.outgoing(), 0)
        smsc.answer(request.pdu, status=status)
        (answer,) = esme.receive(smsc.outgoing(), 0)
        assert answer.status == status
        assert esme.state is smsc.state is (State.OPEN if status else State.BOUND_TRX)


def test_a_bind_that_gets_a_generic_nack_is_refused():
    esme = Connection(Role.ESME)
    esme.send(pdus.BindTransceiver(), 0)
    (answer,) = esme.receive(encode(Pdu(pdus.GenericNack(), 1)), 0)
    assert answer.status == Status.ESME_RUNKNOWNERR
    assert esme.state is State.OPEN


# --- The window and the numbers ------------------------------------------------------------------


def test_the_window():
    esme, smsc = pair(window=3)
    sent = [esme.send(pdus.SubmitSm(), 1) for _ in range(3)]
    assert (esme.room, esme.waiting) == (0, 3)
    with pytest.raises(StateError) as error:
        esme.send(pdus.SubmitSm(), 1)
    assert str(error.value) == "expected at most 3 requests that wait for an answer"
    esme.send(pdus.EnquireLink(), 1)  # outside the window
    assert (esme.room, esme.waiting) == (0, 4)
    smsc.receive(esme.outgoing(), 1)
    smsc.answer(sent[1])
    enquired, answer = esme.receive(smsc.outgoing(), 1)
    assert type(enquired.pdu.body) is pdus.EnquireLinkResp
    assert answer.request == sent[1]
    assert (esme.room, esme.waiting) == (1, 2)


def test_sequence_numbers_begin_again_and_skip_those_that_wait():
    esme, smsc = pair(window=10)
    first = [esme.send(pdus.SubmitSm(), 1).sequence_number for _ in range(3)]
    assert first == [2, 3, 4]
    smsc.receive(esme.outgoing(), 1)
    smsc.answer(Pdu(pdus.SubmitSm(), 3))
    esme.receive(smsc.outgoing(), 1)
    esme._sequence = LAST_SEQUENCE - 1
    after = [esme.send(pdus.SubmitSm(), 1).sequence_number for _ in range(4)]
    assert after == [LAST_SEQUENCE, 1, 3, 5]


def test_a_value_that_cannot_be_sent_does_not_wait():
    esme, _ = pair()
    with pytest.raises(SmppError):
        esme.send(pdus.SubmitSm(short_message=bytes(255)), 1)
    assert (esme.waiting, esme.outgoing()) == (0, b"")


# --- Answers -------------------------------------------------------------------------------------


def test_an_answer_of_another_kind_is_stray_and_the_request_waits():
    esme, _ = pair()
    sent = esme.send(pdus.SubmitSm(), 1)
    wrong = Pdu(pdus.QuerySmResp(), sent.sequence_number)
    assert esme.receive(encode(wrong), 1) == [Stray(wrong)]
    assert esme.waiting == 1


@pytest.mark.parametrize("status", [0, Status.ESME_RINVCMDID])
def test_a_generic_nack_ends_a_request_and_accepts_nothing(status):
    esme, _ = pair()
    sent = esme.send(pdus.SubmitSm(), 1)
    nack = Pdu(pdus.GenericNack(), sent.sequence_number, status)
    (answer,) = esme.receive(encode(nack), 1)
    assert answer == Answer(sent, nack)
    assert answer.status == (status or Status.ESME_RUNKNOWNERR)


def test_an_answer_to_nothing_is_stray():
    esme, _ = pair()
    pdu = Pdu(pdus.SubmitSmResp(message_id="1"), 99)
    assert esme.receive(encode(pdu), 1) == [Stray(pdu)]
    nack = Pdu(pdus.GenericNack(), 0, Status.ESME_RINVCMDLEN)
    assert esme.receive(encode(nack), 1) == [Stray(nack)]
    assert esme.outgoing() == b""


def malformed(pdu, tail):
    octets = encode(pdu) + tail
    return len(octets).to_bytes(4, "big") + octets[4:]


@pytest.mark.parametrize("status", [0, Status.ESME_RTHROTTLED])
def test_a_malformed_answer_ends_its_request_with_what_can_be_read(status):
    esme, _ = pair()
    sent = esme.send(pdus.SubmitSm(), 1)
    esme.outgoing()
    pdu = Pdu(pdus.SubmitSmResp(message_id="7"), sent.sequence_number, status)
    (answer,) = esme.receive(malformed(pdu, b"\0\1\0"), 1)
    assert (answer.request, answer.pdu, answer.status) == (sent, pdu, status)
    assert answer.error.status == Status.ESME_RINVOPTPARSTREAM
    assert (esme.waiting, esme.outgoing()) == (0, b"")


def test_a_malformed_answer_to_nothing_is_stray():
    esme, _ = pair()
    pdu = Pdu(pdus.SubmitSmResp(message_id="7"), 99)
    assert esme.receive(malformed(pdu, b"\0"), 1) == [Stray(pdu)]


def test_an_unknown_answer_is_not_answered():
    """A generic_nack would have the number of a request of the peer's own."""
    esme, _ = pair()
    octets = (16).to_bytes(4, "big") + bytes.fromhex("80000111 00000000 00000005")
    (refused,) = esme.receive(octets, 1)
    assert refused.error.status == Status.ESME_RINVCMDID
    assert esme.outgoing() == b""


def test_what_has_no_answer_is_not_answered():
    _, smsc = pair()
    with pytest.raises(StateError) as error:
        smsc.answer(Pdu(pdus.AlertNotification(), 1))
    assert str(error.value) == "expected a body that answers alert_notification"
    with pytest.raises(StateError):
        smsc.answer(Pdu(pdus.SubmitSm(), 1), pdus.QuerySmResp())


# --- What is malformed ---------------------------------------------------------------------------


def test_an_unknown_command_gets_a_generic_nack():
    _, smsc = pair()
    octets = (16).to_bytes(4, "big") + bytes.fromhex("00000111 00000000 00000005")
    (refused,) = smsc.receive(octets, 1)
    assert isinstance(refused, Refused)
    assert octets_of(smsc) == [Pdu(pdus.GenericNack(), 5, Status.ESME_RINVCMDID)]
    assert smsc.state is State.BOUND_TRX


@pytest.mark.parametrize("kind", REQUESTS, ids=name)
def test_a_malformed_request_gets_its_own_answer(kind):
    """Whatever the state: what cannot be read cannot be allowed."""
    for role, state in TABLE:
        _, there = in_state(role, state)
        # A parameter that says that it is longer than the PDU.
        (refused,) = there.receive(malformed(Pdu(kind(), 5), b"\x14\1\0\2"), 1)
        (answer,) = octets_of(there)
        assert refused.error.status == Status.ESME_RINVOPTPARSTREAM
        assert type(answer.body) is (codec.response_to(kind) or pdus.GenericNack)
        assert (answer.sequence_number, answer.command_status) == (5, refused.error.status)
        assert there.state is state


@pytest.mark.parametrize("length", [0, 15, codec.LONGEST + 1, 0xFFFFFFFF])
def test_a_length_that_cannot_be_ends_the_session(length):
    esme, smsc = pair()
    sent = esme.send(pdus.SubmitSm(), 1)
    smsc.receive(esme.outgoing(), 1)
    octets = length.to_bytes(4, "big") + bytes.fromhex("00000004 00000000 00000007")
    refused, closed = smsc.receive(octets + b"more", 2)
    assert refused.error.status == Status.ESME_RINVCMDLEN
    assert closed == Closed("the peer sent what is no PDU")
    nack = Pdu(pdus.GenericNack(), 7, Status.ESME_RINVCMDLEN)
    assert esme.receive(smsc.outgoing(), 2) == [Stray(nack)]
    assert esme.receive(b"", 2) == [Closed("the peer closed the connection", (sent,))]


def test_a_bound_of_our_own_on_the_length():
    smsc = Connection(Role.SMSC, longest=30)
    octets = encode(Pdu(pdus.BindTransceiver(system_id="x" * 15), 1))
    assert isinstance(smsc.receive(octets, 0)[-1], Closed)


@pytest.mark.parametrize("size", range(1, 20))
def test_half_a_pdu_ends_the_session_after_a_time(size):
    esme, _ = pair(timers=Timers(response=5, enquire=60))
    octets = encode(Pdu(pdus.DeliverSm(), 1))
    assert esme.receive(octets[:size], 1) == []
    assert esme.next_tick() == 6
    assert esme.receive(octets[size : size + 1], 5) == []  # a drip does not keep it open
    assert esme.tick(5.9) == []
    assert esme.tick(6) == [Closed("the peer sent a part of a PDU")]


def test_a_pdu_that_becomes_whole_in_time_starts_the_next_one_s_time():
    esme, _ = pair(timers=Timers(response=5, enquire=60))
    octets = encode(Pdu(pdus.DeliverSm(), 1))
    esme.receive(octets[:20], 1)
    (request,) = esme.receive(octets[20:] + octets[:3], 4)
    assert isinstance(request, Request)
    assert esme.tick(6) == []
    assert esme.next_tick() == 9
    esme.receive(octets[3:], 8)
    assert esme.tick(9) == []


# --- The clock -----------------------------------------------------------------------------------


def test_the_peer_is_asked_after_silence_and_given_up_without_an_answer():
    esme, smsc = pair(timers=Timers(response=5, enquire=30))
    assert esme.next_tick() == 30
    assert esme.tick(30) == []
    assert smsc.receive(esme.outgoing(), 30) == []
    esme.receive(smsc.outgoing(), 31)
    assert esme.next_tick() == 61
    esme.tick(61)
    assert esme.next_tick() == 66
    assert esme.tick(65.9) == []
    (closed,) = esme.tick(66)
    assert closed == Closed("no answer to enquire_link", closed.unanswered)
    assert esme.state is State.CLOSED
    assert esme.next_tick() is None


def test_one_enquire_link_at_a_time():
    for end in pair(timers=Timers(response=50, enquire=10)):
        for now in range(10, 40):
            end.tick(now)
        assert octets_of(end) == [Pdu(pdus.EnquireLink(), end._sequence)]


def test_nobody_is_asked_before_the_bind_is_answered():
    esme = Connection(Role.ESME, timers=Timers(response=50, session=60, enquire=10))
    esme.send(pdus.BindTransceiver(), 0)
    esme.outgoing()
    assert esme.next_tick() == 50
    assert esme.tick(20) == []
    assert esme.outgoing() == b""


@pytest.mark.parametrize("role", Role)
def test_without_a_bind_the_session_ends(role):
    connection = Connection(role, timers=Timers(session=30), now=100)
    assert connection.next_tick() == 130
    assert connection.tick(129) == []
    assert connection.tick(130) == [Closed("no bind")]


def test_a_bind_without_an_answer_ends_the_session():
    esme = Connection(Role.ESME, timers=Timers(response=5))
    bind = esme.send(pdus.BindReceiver(), 0)
    assert esme.tick(5) == [Closed("no answer to bind_receiver", (bind,))]


def test_an_answer_that_does_not_come_is_overdue_and_then_stray():
    esme, smsc = pair(timers=Timers(response=5))
    sent = esme.send(pdus.SubmitSm(), 1)
    (request,) = smsc.receive(esme.outgoing(), 1)
    assert esme.tick(5.9) == []
    assert esme.tick(6) == [Overdue(sent)]
    assert esme.room == 10
    smsc.answer(request.pdu, pdus.SubmitSmResp(message_id="7"))
    (event,) = esme.receive(smsc.outgoing(), 7)
    assert isinstance(event, Stray)


def test_the_oldest_is_overdue_first_and_the_rest_is_unanswered():
    esme, _ = pair(timers=Timers(response=5, enquire=100))
    old = [esme.send(pdus.SubmitSm(), 1), esme.send(pdus.SubmitSm(), 2)]
    enquiry = esme.send(pdus.EnquireLink(), 3)
    young = esme.send(pdus.SubmitSm(), 4)
    assert esme.next_tick() == 6
    assert esme.tick(8) == [
        *map(Overdue, old),
        Closed("no answer to enquire_link", (enquiry, young)),
    ]


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(0, 3)), max_size=30))
def test_next_tick_is_never_late(steps):
    """Before the time that it says, there is nothing to do."""
    now = 0.0
    end, _ = pair(timers=Timers(response=5, enquire=10), window=3)
    for wait, what in steps:
        if (due := end.next_tick()) is None:
            return
        if now < due - 0.001:
            assert (end.tick(due - 0.001), end.outgoing()) == ([], b"")
        now = min(now + wait, due)
        end.tick(now)
        if end.state is State.CLOSED:
            return
        if what == 0 and end.room:
            end.send(pdus.SubmitSm(), now)
        elif what == 1:
            end.receive(encode(Pdu(pdus.DeliverSm(), 1))[:20], now)
        elif what == 2:
            end.receive(encode(Pdu(pdus.EnquireLink(), 1)), now)
        end.outgoing()


# --- The end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_either_end_may_unbind(role):
    here, there = in_state(role, State.BOUND_TRX)
    sent = here.send(pdus.Unbind(), 1)
    with pytest.raises(StateError) as error:
        here.send(pdus.EnquireLink(), 1)
    assert str(error.value) == "expected no enquire_link in a session that is ending"
    request, closed = there.receive(here.outgoing(), 1)
    assert (request, closed) == (Request(sent), Closed("the peer ended the session"))
    answer, ended = here.receive(there.outgoing(), 1)
    assert answer.request == sent
    assert ended == Closed("the session has ended")
    assert here.state is there.state is State.CLOSED


def test_both_may_unbind_at_once():
    esme, smsc = pair()
    esme.send(pdus.Unbind(), 1)
    smsc.send(pdus.Unbind(), 1)
    to_smsc, to_esme = esme.outgoing(), smsc.outgoing()
    assert isinstance(esme.receive(to_esme, 1)[-1], Closed)
    assert isinstance(smsc.receive(to_smsc, 1)[-1], Closed)
    assert [type(pdu.body) for pdu in octets_of(esme)] == [pdus.UnbindResp]


def test_requests_of_the_peer_are_answered_while_an_unbind_waits():
    esme, smsc = pair()
    esme.send(pdus.Unbind(), 1)
    smsc.send(pdus.DeliverSm(), 1)
    (request,) = esme.receive(smsc.outgoing(), 1)
    esme.answer(request.pdu)
    assert [type(p.body) for p in octets_of(esme)] == [pdus.Unbind, pdus.DeliverSmResp]


def test_an_unbind_without_an_answer_ends_the_session():
    esme, _ = pair(timers=Timers(response=5))
    esme.send(pdus.Unbind(), 1)
    (closed,) = esme.tick(6)
    assert closed.reason == "no answer to unbind"


def test_what_follows_an_unbind_is_not_read():
    esme, smsc = pair()
    octets = encode(Pdu(pdus.Unbind(), 5)) + encode(Pdu(pdus.SubmitSm(), 6))
    assert len(smsc.receive(octets, 1)) == 2
    assert [type(pdu.body) for pdu in octets_of(smsc)] == [pdus.UnbindResp]
    assert esme.state is State.BOUND_TRX


def test_after_the_end_nothing_happens():
    esme, _ = pair()
    sent = esme.send(pdus.SubmitSm(), 1)
    esme.receive(b"\0\0", 1)
    assert esme.close("cut") == Closed("cut", (sent,))
    assert esme.close() == Closed("closed")
    assert esme.receive(encode(Pdu(pdus.EnquireLink(), 1)), 2) == []
    assert esme.receive(b"", 2) == []
    assert (esme.tick(1000), esme.next_tick(), esme.waiting) == ([], None, 0)
    with pytest.raises(StateError) as error:
        esme.send(pdus.SubmitSm(), 2)
    assert str(error.value) == "expected no submit_sm in a session that is closed"
    with pytest.raises(StateError) as error:
        esme.answer(Pdu(pdus.DeliverSm(), 1))
    assert str(error.value) == "expected no answer in a session that is closed"


# --- Laws ----------------------------------------------------------------------------------------


def bound(role):
    """A bound end with requests that wait, whose numbers the PDUs of the tests may have."""
    here, _ = in_state(role, State.BOUND_TRX)
    kinds = [pdus.SubmitSm, pdus.QuerySm] if role is Role.ESME else [pdus.DeliverSm, pdus.DataSm]
    for kind in itertools.islice(itertools.cycle(kinds), 6):
        here.send(kind(), 0)
    here.outgoing()
    return here


def heard(role, pieces):
    """Every event and what was answered."""
    connection = bound(role)
    events = [event for piece in pieces if piece for event in connection.receive(piece, 1)]
    return list(map(repr, events)), connection.outgoing(), connection.state


@settings(max_examples=300)
@given(
    st.sampled_from(Role),
    st.lists(st.tuples(PDUS, st.integers(0, 8)), max_size=6),
    st.binary(max_size=30),
    st.lists(st.integers(0, 3000), max_size=20),
)
def test_a_stream_may_be_cut_anywhere(role, stream, rest, cuts):
    octets = b"".join(encode(Pdu(p.body, n, p.command_status)) for p, n in stream) + rest
    places = sorted({0, len(octets), *(cut % (len(octets) + 1) for cut in cuts)})
    pieces = [octets[a:b] for a, b in itertools.pairwise(places)]
    whole = heard(role, [octets])
    assert heard(role, pieces) == whole
    assert heard(role, [octets[n : n + 1] for n in range(len(octets))]) == whole


@given(st.sampled_from(Role), st.binary(max_size=200))
def test_any_octets_are_events(role, octets):
    heard(role, [octets])


@given(st.sampled_from(Role), st.sampled_from(State), PDUS)
def test_any_pdu_in_any_state_is_an_event_or_is_answered(role, state, pdu):
    here, _ = in_state(role, State.OPEN if state is State.CLOSED else state)
    events = here.receive(encode(pdu), 1)
    assert events or here.outgoing()


def test_a_large_pdu_in_single_octets_takes_no_longer_for_each():
    """Time for each octet of a large PDU is that of a small one: what waits is not read again."""

    def seconds(size):
        octets = codec.LONGEST.to_bytes(4, "big") + b"\0\0\0\4" + bytes(size)
        _, smsc = pair()
        start = time.process_time()
        for n in range(len(octets)):
            smsc.receive(octets[n : n + 1], 1)
        return (time.process_time() - start) / size

    few = min(seconds(2_000) for _ in range(3))
    assert seconds(70_000) < 5 * few


def test_what_is_read_is_forgotten():
    _, smsc = pair()
    octets = encode(Pdu(pdus.EnquireLink(), 1)) * 1000
    smsc.receive(octets + octets[:7], 1)
    assert len(smsc._in) == 7
    smsc.outgoing()
    assert smsc._out == []
