"""What is done on the pages is what the commands do, with the same words."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from gatewaypages import FIRST, SECOND, TOKEN, as_
from sqlalchemy import update

from smsgate.gateway import passwords, tables
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.states import AccountState, RouteState, State
from smsgate.web.admin.notes import COOKIE


def post(client, path, who="admin", **fields):
    """Send a form; the line about what was done, or what is wrong."""
    answer = client.post(path, data={"csrf": TOKEN, **fields}, headers=as_(who))
    if answer.status_code == 303:
        line = unquote(answer.cookies[COOKIE])
        after = client.get(answer.headers["location"], headers=as_(who))
        assert f'<p class="done" role="status">{escaped(line)}</p>' in after.text
        again = client.get(answer.headers["location"], headers=as_(who))
        assert 'role="status"' not in again.text
        return line
    assert answer.status_code == 400
    return re.search('<p class="bad">(.*)</p>', answer.text)[1]


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")


def account(world, api_id=FIRST):
    (found,) = world.rows(tables.account, tables.account.c.api_id == api_id)
    return found


def message(world, uid):
    (found,) = world.rows(tables.message, tables.message.c.uid == uid)
    return found


# Accounts -----------------------------------------------------------------------------------------


def test_credit_is_asked_for_added_and_in_the_ledger(world, client):
    form = client.get(f"/accounts/{FIRST}").text
    assert 'name="amount"' in form
    asked = client.get(f"/accounts/{FIRST}/credit", params={"amount": "12.5", "note": "invoice 7"})
    assert f"Really add 12.5 credits to account {FIRST} (reason: invoice 7)?" in asked.text
    assert account(world)["balance"] == 1000 * CREDIT
    fields = hidden(asked.text)
    given = {name: fields[name] for name in fields if name != "once"}
    assert given == {"csrf": TOKEN, "amount": "12.5", "note": "invoice 7"}
    line = post(client, f"/accounts/{FIRST}/credit", **fields)
    assert line == f"{FIRST} has 1012.5 credits"
    assert world.told == [f"ann: {line}"]
    assert "invoice 7" in client.get(f"/accounts/{FIRST}/ledger").text
    row = world.rows(tables.ledger)[-1]
    assert (row["kind"], row["amount"], row["note"]) == ("grant", 12_500_000, "invoice 7")


def test_the_same_form_is_done_once(world, client):
    path = f"/accounts/{FIRST}/credit"
    fields = hidden(client.get(path, params={"amount": "10"}).text)
    assert post(client, path, **fields) == f"{FIRST} has 1010 credits"
    again = client.post(path, data=fields)
    assert again.status_code == 409
    assert "This was done already" in again.text
    assert account(world)["balance"] == 1010 * CREDIT
    other = hidden(client.get(path, params={"amount": "10"}).text)
    assert post(client, path, **other) == f"{FIRST} has 1020 credits"


def test_a_form_that_did_nothing_may_be_sent_again(client):
    path = f"/accounts/{FIRST}/credit"
    fields = hidden(client.get(path, params={"amount": "2000", "take": "1"}).text)
    assert "fewer than 2000" in post(client, path, **fields)
    post(client, path, amount="1000")
    assert post(client, path, **fields) == f"{FIRST} has 0 credits"


def test_a_new_password_is_made_once(world, client):
    path = f"/accounts/{FIRST}/password"
    fields = hidden(client.get(path, params={"which": "ftp"}).text)
    assert client.post(path, data=fields).status_code == 200
    before = account(world)
    assert client.post(path, data=fields).status_code == 409
    assert account(world) == before


def hidden(text):
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))


def test_credit_is_taken_but_not_more_than_there_is(world, client):
    path = f"/accounts/{FIRST}/credit"
    assert "Really take 1 credits from" in client.get(path, params={"amount": "1", "take": 1}).text
    assert post(client, path, amount="1", take="1") == f"{FIRST} has 999 credits"
    assert post(client, path, amount="1000", take="1") == (
        f"{FIRST} has 999 credits, fewer than 1000"
    )
    assert account(world)["balance"] == 999 * CREDIT


@pytest.mark.parametrize("amount", ["", "0", "x", "-1", "1e99", "NaN", "0.0000001", "9" * 5000])
def test_an_amount_that_is_none_is_refused(world, client, amount):
    answer = client.post(f"/accounts/{FIRST}/credit", data={"csrf": TOKEN, "amount": amount})
    assert answer.status_code == 400
    assert "xpected" in answer.text
    assert account(world)["balance"] == 1000 * CREDIT


def test_accounts_are_frozen_closed_and_opened(world, client):
    path = f"/accounts/{FIRST}"
    assert post(client, f"{path}/freeze") == f"{FIRST} is frozen"
    assert account(world)["state"] == AccountState.FROZEN
    assert f"Account {FIRST} is frozen" in client.get("/", headers=as_("owner")).text
    assert post(client, f"{path}/close") == f"{FIRST} is closed"
    assert account(world)["state"] == AccountState.CLOSED
    assert post(client, f"{path}/open") == f"{FIRST} is open"
    assert account(world)["state"] == AccountState.OPEN
    assert account(world, SECOND)["state"] == AccountState.OPEN


@pytest.mark.parametrize(
    ("which", "column"), [("file", "password_hash"), ("ftp", "ftp_password_hash")]
)
def test_a_new_password_is_shown_once(world, client, which, column):
    before = account(world)
    answer = client.post(f"/accounts/{FIRST}/password", data={"csrf": TOKEN, "which": which})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert f'role="status">{FIRST} has a new password</p>' in answer.text
    secret = re.search('<code class="secret">(.*)</code>', answer.text)[1]
    after = account(world)
    assert passwords.Verifier().matches(after[column], secret)
    assert {key for key in after if after[key] != before[key]} == {column}
    assert secret not in client.get(f"/accounts/{FIRST}").text
    assert secret not in str(world.told)
    assert COOKIE not in answer.cookies


def test_an_account_is_added_once_and_its_passwords_are_right(world, client):
    asked = client.get(
        "/accounts/add", params={"new_id": "777", "new_user": "carl", "credit": "2.5"}
    )
    assert "Really add account 777 with user carl, with 2.5 credits?" in asked.text
    answer = client.post("/accounts/add", data=hidden(asked.text))
    assert 'role="status">777 is added</p>' in answer.text
    row = account(world, "777")
    assert row["balance"] == 2.5 * CREDIT
    for column, name in (("password_hash", "password"), ("ftp_password_hash", "FTP password")):
        secret = re.search(rf"user: \w+, {name}: (\S+)</code>", answer.text)[1]
        assert passwords.Verifier().matches(row[column], secret)
        assert secret not in str(world.told)
    assert client.post("/accounts/add", data=hidden(asked.text)).status_code == 409
    assert "exists already" in post(client, "/accounts/add", new_id="777")
    assert "Give the number" in post(client, "/accounts/add", new_user="x")
    assert "expected credits" in post(client, "/accounts/add", credit="x")
    assert client.post("/accounts/add", data={"csrf": TOKEN}).status_code == 200
    assert len(world.rows(tables.account)) == 4


def test_a_password_of_something_else_is_refused(client):
    assert "Expected the password" in post(client, f"/accounts/{FIRST}/password", which="root")


def test_an_account_that_is_not_there(client):
    for path in ("credit?amount=1", "close", "password?which=ftp"):
        assert client.get(f"/accounts/3333333/{path}").status_code == 404
    sent = {"csrf": TOKEN, "amount": "1"}
    assert client.post("/accounts/3333333/credit", data=sent).status_code == 404


# Pauses -------------------------------------------------------------------------------------------


def test_an_account_and_queues_are_paused_and_resumed(world, client):
    assert post(client, f"/accounts/{FIRST}/pause") == f"account {FIRST} is paused"
    assert post(client, "/queue/3/pause") == "queue 3 is paused"
    assert post(client, "/queue/1/pause", api_id=SECOND) == f"queue 1 of account {SECOND} is paused"
    assert len(world.rows(tables.pause)) == 3
    shown = client.get("/queue").text
    assert shown.count("Paused: ") == 3
    mine = client.get("/queue", headers=as_("owner")).text
    assert mine.count("Paused: ") == 2
    assert SECOND not in mine
    assert post(client, f"/accounts/{FIRST}/resume") == f"account {FIRST} is sent again"
    assert post(client, "/queue/3/resume") == "queue 3 is sent again"
    assert post(client, "/queue/3/resume") == "queue 3 is not paused"
    assert post(client, "/queue/1/resume", api_id=SECOND) == (
        f"queue 1 of account {SECOND} is sent again"
    )
    assert world.rows(tables.pause) == []


def test_only_the_three_queues_are_there(client):
    assert client.get("/queue/4/pause").status_code == 404
    assert client.get(f"/queue/0/{FIRST}").status_code == 404
    assert client.post("/queue/4/pause", data={"csrf": TOKEN}).status_code == 404
    assert client.get("/queue/1/pause", params={"api_id": "3"}).status_code == 404


def test_a_route_is_paused_and_resumed(world, client):
    assert "Really stop sending by route main?" in client.get("/routes/main/pause").text
    assert post(client, "/routes/main/pause") == "main is paused"
    assert world.rows(tables.route)[0]["state"] == RouteState.PAUSED
    assert "Route main is paused" in client.get("/").text
    assert post(client, "/routes/main/resume") == "main is open"
    assert world.rows(tables.route)[0]["state"] == RouteState.OPEN
    assert client.get("/routes/none/pause").status_code == 404


# Messages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["admin", "owner"])
def test_a_message_is_cancelled_and_its_credits_return(world, client, who):
    (uid,) = world.messages()
    assert account(world)["balance"] == 999 * CREDIT
    assert "Really cancel the message to 44771000000?" in client.get(f"/messages/{uid}/cancel").text
    assert post(client, f"/messages/{uid}/cancel", who) == f"{uid} cancelled"
    assert message(world, uid)["state"] == State.CANCELLED
    assert account(world)["balance"] == 1000 * CREDIT
    again = post(client, f"/messages/{uid}/cancel", who)
    assert again == f"{uid} is not changed: it is cancelled already"


def test_another_s_message_is_not_cancelled_by_an_owner(world, client):
    (uid,) = world.messages(account=2)
    answer = client.post(f"/messages/{uid}/cancel", data={"csrf": TOKEN}, headers=as_("owner"))
    assert answer.status_code == 404
    assert message(world, uid)["state"] == State.WAITING


def test_a_failed_message_is_sent_again(world, client):
    (uid,) = world.messages()
    world.send(1, Ended.REFUSED)
    assert message(world, uid)["state"] == State.FAILED
    assert post(client, f"/messages/{uid}/resend", "owner") == f"{uid} waits to be sent again"
    assert message(world, uid)["state"] == State.WAITING
    assert "has not been sent yet" in post(client, f"/messages/{uid}/resend", "owner")


def test_one_whose_number_is_listed_is_not(world, client):
    (uid,) = world.messages()
    world.send(1, Ended.REFUSED)
    world.list_number("44771000000")
    assert "its number gets no messages any more" in post(client, f"/messages/{uid}/resend")


# Numbers ------------------------------------------------------------------------------------------


def test_numbers_are_added_and_what_waits_is_cancelled(world, client):
    (uid,) = world.messages()
    given = {"numbers": "+44771000000, 447700900001\n447700900001", "account": FIRST}
    asked = client.get("/numbers/add", params=given).text
    shown = "2 numbers (44771000000, 447700900001) as opted out"
    assert f"Really add {shown} to the list of account {FIRST}?" in asked
    line = post(client, "/numbers/add", kind="blocked", **given)
    assert line == "2 numbers added, 1 message cancelled"
    assert message(world, uid)["state"] == State.CANCELLED
    line = post(client, "/numbers/remove", kind="blocked", **given)
    assert line == "2 numbers removed"
    assert world.rows(tables.listed) == []


def test_a_question_names_the_first_ten_numbers_and_the_kind(client):
    given = {"numbers": ",".join(f"4477009000{n}" for n in range(10, 22)), "account": "all"}
    asked = client.get("/numbers/remove", params=given | {"kind": "blocked"}).text
    assert "Really remove 12 numbers (447700900010, 447700900011, " in asked
    assert "447700900019 and 2 more) as blocked from the list for all accounts?" in asked


@pytest.mark.parametrize("path", ["/numbers/add", "/numbers/remove"])
def test_without_an_account_nothing_is_changed(world, client, path):
    world.list_number("447700900002", 0)
    given = {"numbers": "447700900001,447700900002"}
    assert client.get(path, params=given).status_code == 400
    assert post(client, path, **given) == "Expected the number of an account, or: all"
    assert len(world.rows(tables.listed)) == 1


def test_the_list_of_all_is_chosen(world, client):
    given = {"numbers": "447700900001", "account": "all"}
    assert "the list for all accounts?" in client.get("/numbers/add", params=given).text
    assert post(client, "/numbers/add", **given) == ("1 number added, 0 messages cancelled")
    assert world.rows(tables.listed)[0]["account"] == 0
    owner = client.get("/numbers", headers=as_("owner")).text
    assert "447700900001" not in owner


@pytest.mark.parametrize("numbers", ["", "x", "1", "44, y", "447700900001," * 300])
def test_what_is_no_number_is_refused(world, client, numbers):
    answer = client.post("/numbers/add", data={"csrf": TOKEN, "numbers": numbers})
    assert answer.status_code == 400
    assert world.rows(tables.listed) == []


# Replies and callbacks ----------------------------------------------------------------------------


def test_a_reply_that_is_nobody_s_is_given_to_an_account(world, client):
    uid = world.reply("Hello")
    assert (
        "Really give the reply of 447700900999"
        in client.get(f"/replies/{uid}/assign", params={"api_id": FIRST}).text
    )
    assert post(client, f"/replies/{uid}/assign", api_id=FIRST) == f"{uid} is a reply of {FIRST}"
    assert world.rows(tables.reply)[0]["account"] == 1
    assert world.rows(tables.ledger)[-1]["kind"] == "reply"
    again = post(client, f"/replies/{uid}/assign", api_id=SECOND)
    assert again == f"{uid} is not changed: it is an account&#39;s already"
    assert "There is no account 3" in post(client, f"/replies/{uid}/assign", api_id="3")


def test_callbacks_are_tried_again(world, client):
    (uid,) = world.messages()
    failed = world.callback(uid, "failed", tries=9, due=9e9)
    waiting = world.callback(uid, "waiting", tries=2, due=9e9)
    done = world.callback(uid, "done")
    assert post(client, f"/callbacks/{failed}/retry") == "1 callback will be tried again"
    assert post(client, f"/callbacks/{waiting}/retry") == "1 callback will be tried again"
    assert post(client, f"/callbacks/{done}/retry") == f"No callback {done} waits or has failed"
    assert [row["state"] for row in world.rows(tables.callback)] == ["waiting", "waiting", "done"]
    for _ in range(2):
        world.callback(uid, "failed")
    assert post(client, "/callbacks/retry") == "2 callbacks will be tried again"


# What goes wrong ----------------------------------------------------------------------------------


def test_a_database_that_cannot_be_used_is_one_line(world, client, monkeypatch):
    from smsgate.gateway.database import UnusableError

    def fail(_work):
        raise UnusableError("cannot use the database /secret/path", passes=False)

    monkeypatch.setattr(world.database, "read", fail)
    answer = client.get("/messages")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    assert "/secret/path" not in answer.text


def test_a_change_that_takes_too_long_says_so(world, client, monkeypatch):
    import asyncio

    from smsgate.web.admin import desk

    async def hang(_work):
        await asyncio.Event().wait()

    monkeypatch.setattr(desk, "_PATIENCE", 0.01)
    monkeypatch.setattr(world.database, "run", hang)
    answer = client.post("/routes/main/pause", data={"csrf": TOKEN})
    assert answer.status_code == 503
    assert "look whether it was done" in answer.text


def test_a_change_looks_again_whose_it_is(world, client):
    """Between the question and the form a message may have become another's; it never does."""
    (uid,) = world.messages()
    asked = client.get(f"/messages/{uid}/cancel", headers=as_("owner"))
    assert asked.status_code == 200
    moved = update(tables.message).values(account=2)
    world.run(lambda conn: conn.execute(moved))
    answer = client.post(f"/messages/{uid}/cancel", data={"csrf": TOKEN}, headers=as_("owner"))
    assert answer.status_code == 404
