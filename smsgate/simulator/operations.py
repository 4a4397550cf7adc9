"""query_sm, cancel_sm and replace_sm (SMPP 3.4, 4.8 to 4.10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from smsenc.smpp import Pdu, SmppError, Status, codec, mapping, pdus, times
from smsenc.smpp.pdus import Address, Body
from smsgate.simulator import receipts
from smsgate.simulator.fates import Fates, body_of
from smsgate.simulator.store import Segment, Store


class Operations:
    """What ESMEs ask about messages that they submitted."""

    def __init__(self, store: Store, fates: Fates) -> None:
        self._store = store
        self._fates = fates

    def answer(self, system_id: str, body: Body) -> Body | None:
        """Do what is asked; raises SmppError with the status of a refusal."""
        if isinstance(body, pdus.QuerySm):
            return self._query(system_id, body)
        if isinstance(body, pdus.CancelSm):
            return self._cancel(system_id, body)
        assert isinstance(body, pdus.ReplaceSm)  # noqa: S101 - there are no others
        return self._replace(system_id, body)

    def _query(self, system_id: str, body: pdus.QuerySm) -> Body:
        one = self._named(system_id, body.message_id, body.source_addr, Status.ESME_RQUERYFAIL)
        state, error = receipts.STATES[one.state]
        final = times.absolute(datetime.fromtimestamp(one.time, UTC)) if state.final else ""
        return pdus.QuerySmResp(
            message_id=body.message_id,
            final_date=final,
            message_state=int(state),
            error_code=int(error),
        )

    def _cancel(self, system_id: str, body: pdus.CancelSm) -> Body | None:
        if body.message_id:
            wrong = Status.ESME_RCANCELFAIL
            found = [self._named(system_id, body.message_id, body.source_addr, wrong)]
        else:
            sender, recipient = map(mapping.number_of, (body.source_addr, body.destination_addr))
            found = [
                one
                for one in self._store.between(sender, recipient)
                if one.system_id == system_id
                and body.service_type in ("", getattr(body_of(one), "service_type", ""))
            ]
        waiting = [one for one in found if one.state == receipts.ACCEPTED]
        if not waiting:
            raise _refused("no message that waits", Status.ESME_RCANCELFAIL)
        with self._store.writing():
            self._store.settle([(receipts.DELETED, one.id) for one in waiting])
        for one in waiting:
            self._fates.cancel(one)
            self._fates.report(one, receipts.DELETED)
        return None

    def _replace(self, system_id: str, body: pdus.ReplaceSm) -> Body | None:
        wrong = Status.ESME_RREPLACEFAIL
        one = self._named(system_id, body.message_id, body.source_addr, wrong)
        old = body_of(one)
        if one.state != receipts.ACCEPTED or not isinstance(old, pdus.SubmitSm):
            raise _refused("no submit_sm that waits", wrong)
        new = replace(
            old,
            registered_delivery=body.registered_delivery,
            sm_default_msg_id=body.sm_default_msg_id,
            short_message=body.short_message,
            tlvs=body.tlvs or old.tlvs,
        )
        pdu = codec.encode(Pdu(new, 1))
        with self._store.writing():
            self._store.change(one, pdu)
        self._fates.change(one, pdu)
        return None

    def _named(self, system_id: str, message_id: str, source: Address, status: int) -> Segment:
        """The part with an id, which must be from the same log-in and sender."""
        try:
            named = int(message_id, 16)
        except ValueError:
            raise _refused("no such message", Status.ESME_RINVMSGID) from None
        found = self._store.segment(named) if 0 < named < 1 << 62 else None
        if found is None or found.system_id != system_id:
            raise _refused("no such message", Status.ESME_RINVMSGID)
        if source.digits and body_of(found).source_addr.digits != source.digits:
            raise _refused("another sender's message", status)
        return found


def _refused(message: str, status: int) -> SmppError:
    return SmppError(message, status=status)
