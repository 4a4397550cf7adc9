"""What a gateway promises, whatever happened to it: each is a check of the whole of a run.

A run is what was uploaded (``files``), what the message centre got (``parts``, by number), and the
``gateway``, which still runs.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from gateways import Gateway, wire

from smsgate.gateway.states import State, Status

if TYPE_CHECKING:
    from uploads import File

CHARGED = {State.SENT, State.DELIVERED, State.FAILED, State.UNKNOWN}
_LOG = logging.getLogger(__name__)


class Run(NamedTuple):
    """What was uploaded, and the state of all in the end."""

    gateway: Gateway
    files: list[File]
    parts: dict[str, list]


def accepted(run):
    """{recipient: id} of all files, from their logs."""
    found = {}
    for one in run.files:
        for answer in run.gateway.log(one.name, one.account):
            if answer.id:
                found[answer.to] = answer.id
    return found


def messages(run):
    """{id: (recipient, state, charge, parts)} from the database."""
    rows = run.gateway.select("SELECT uid, recipient, state, charge, parts FROM message")
    return {uid: row for uid, *row in rows}


# --- What must hold -------------------------------------------------------------------------------


def each_uploaded_file_has_an_answer_for_each_recipient(run):
    for one in run.files:
        found = Counter(answer.to for answer in run.gateway.log(one.name, one.account))
        assert found == dict.fromkeys(one.texts, 1), one.name


def each_accepted_message_is_in_one_final_state(run):
    ids = accepted(run)
    kept = messages(run)
    assert set(ids) == {to for one in run.files for to in one.texts}
    assert {uid: recipient for uid, (recipient, *_) in kept.items()} == {
        uid: recipient for recipient, uid in ids.items()
    }
    assert {State(state).final for _, state, *_ in kept.values()} == {True}
    counts = {k: n for k, n in run.gateway.status()["messages"].items() if n}
    assert counts == Counter(state for _, state, *_ in kept.values())
    _LOG.info("in the end: %s", counts)


def nothing_arrived_twice_or_unasked(run):
    ids = accepted(run)
    kept = messages(run)
    texts = {to: text for one in run.files for to, text in one.texts.items()}
    assert set(run.parts) <= set(ids)
    for number, bodies in run.parts.items():
        places = [(wire(body).header[-1:], wire(body).data) for body in bodies]
        assert len(set(places)) == len(places), (number, kept[ids[number]])
        joined = b"".join(data for _, data in places).decode("ascii")
        state = kept[ids[number]][1]
        if state != State.UNKNOWN:
            assert joined == texts[number], (number, state)
        else:
            assert joined in texts[number], number  # some of the parts


def what_did_not_arrive_is_unknown(run):
    ids = accepted(run)
    states = messages(run)
    missing = {states[uid][1] for number, uid in ids.items() if number not in run.parts}
    assert missing <= {State.UNKNOWN}


def no_receipt_is_lost(run):
    # The message centre sends those again that the gateway had not answered.
    assert run.gateway.counts()[State.SENT] == 0


def credits_add_up(run):
    sums = dict(run.gateway.select("SELECT account, sum(amount) FROM ledger GROUP BY account"))
    balances = dict(run.gateway.select("SELECT id, balance FROM account"))
    assert balances == sums
    granted = dict(
        run.gateway.select(
            "SELECT account, sum(amount) FROM ledger WHERE kind = 'grant' GROUP BY account"
        )
    )
    charged = Counter()
    rows = run.gateway.select("SELECT account, state, charge, parts FROM message")
    for account, state, charge, parts in rows:
        assert charge == (parts * 1_000_000 if state in CHARGED else 0), state
        charged[account] += charge
    assert balances == {one: granted[one] - charged[one] for one in granted}


EVENTS = """
    SELECT account.api_id, message.uid, event.status FROM event
    JOIN message ON message.id = event.message JOIN account ON account.id = message.account
"""


def each_change_is_in_history_log_once(run):
    rows = run.gateway.select(EVENTS)
    for account in {one.account for one in run.files}:
        lines = Counter((one.id, one.status) for one in run.gateway.history(account) if one.id)
        assert lines == Counter(tuple(row[1:]) for row in rows if row[0] == account.api_id)
        again = {one: n for one, n in lines.items() if n > 1 and one[1] != Status.QUEUED}
        assert not again


def only_the_unknown_were_queued_again(run):
    """With one node. Of several, one that was stopped knows what had not left."""
    unknown = {uid for uid, (_, state, *_) in messages(run).items() if state == State.UNKNOWN}
    for account in {one.account for one in run.files}:
        lines = Counter((one.id, one.status) for one in run.gateway.history(account) if one.id)
        assert {uid for (uid, _), n in lines.items() if n > 1} <= unknown
        assert max(lines.values()) <= 2


def the_spool_is_empty_and_nothing_is_left_to_take(run):
    left = [path.name for path in run.gateway.spool.rglob("*.log")]
    assert left == []
    for account in {one.account for one in run.files}:
        names = {path.name for path in run.gateway.folder(account).iterdir()}
        assert not {name for name in names if name.startswith(".") and name.endswith(".tmp")}


PROMISES = (
    each_uploaded_file_has_an_answer_for_each_recipient,
    each_accepted_message_is_in_one_final_state,
    nothing_arrived_twice_or_unasked,
    what_did_not_arrive_is_unknown,
    no_receipt_is_lost,
    credits_add_up,
    each_change_is_in_history_log_once,
    the_spool_is_empty_and_nothing_is_left_to_take,
)


def check_all(checks):
    """Make checks by name; fails with all that do not hold, since a run takes long."""
    broken = []
    for name, check in checks.items():
        try:
            check()
        except AssertionError as error:
            broken.append(f"{name}: {error}")
    assert not broken, "\n".join(broken)
