"""A session between the two roles, its states, its window and its clock."""

from __future__ import annotations

from smsenc.smpp import (
    Answer,
    Closed,
    Connection,
    Overdue,
    Refused,
    Request,
    Role,
    State,
    Status,
    Stray,
    Timers,
    pdus,
)


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


def test_a_message_is_answered():
    esme, smsc = pair()
    sent = esme.send(pdus.SubmitSm(short_message=b"hello"), 1)
    (request,) = smsc.receive(esme.outgoing(), 1)
    assert request == Request(sent)
    smsc.answer(request.pdu, pdus.SubmitSmResp(message_id="7"))
    (answer,) = esme.receive(smsc.outgoing(), 2)
    assert (answer.request, answer.pdu.body.message_id) == (sent, "7")
    assert esme.waiting == 0


def test_the_peer_is_asked_after_silence_and_given_up_without_an_answer():
    esme, smsc = pair(timers=Timers(response=5, enquire=30))
    assert esme.next_tick() == 30
    assert esme.tick(30) == []
    assert smsc.receive(esme.outgoing(), 30) == []
    esme.receive(smsc.outgoing(), 31)
    assert esme.next_tick() == 61
    esme.tick(61)
    assert esme.next_tick() == 66
    (closed,) = esme.tick(66)
    assert closed == Closed("no answer to enquire_link", closed.unanswered)
    assert esme.state is State.CLOSED


def test_an_answer_that_does_not_come_is_overdue_and_then_stray():
    esme, smsc = pair(timers=Timers(response=5))
    sent = esme.send(pdus.SubmitSm(), 1)
    (request,) = smsc.receive(esme.outgoing(), 1)
    assert esme.tick(5.9) == []
    assert esme.tick(6) == [Overdue(sent)]
    smsc.answer(request.pdu, pdus.SubmitSmResp(message_id="7"))
    (event,) = esme.receive(smsc.outgoing(), 7)
    assert isinstance(event, Stray)


def test_a_length_that_cannot_be_ends_the_session():
    esme, smsc = pair()
    esme.send(pdus.SubmitSm(), 1)
    smsc.receive(esme.outgoing(), 1)
    refused, closed = smsc.receive(bytes(3) + b"\x0f" + bytes(12), 2)
    assert isinstance(refused, Refused)
    assert refused.error.status == Status.ESME_RINVCMDLEN
    assert isinstance(closed, Closed)
    (stray, *_) = esme.receive(smsc.outgoing(), 2)
    assert isinstance(stray.pdu.body, pdus.GenericNack)
