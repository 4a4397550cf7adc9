import pickle
from dataclasses import asdict, replace

import pytest
from campaigns import campaign

from converters.errors import SourceError
from smsenc import OptionError, SplitError, messagefile
from smsenc.messagefile import PLACEHOLDER, Credentials, log_in
from smsgate.campaign.rows.job import BLANK, check, head, template_head, template_of
from smsgate.outbox.runs import key_of

REAL = Credentials(api_id="1", user="somebody", password="swordfish")
KEY = "32ba91e1a32c69ed6227275c1abb1826d2a8ca2a29d35532a7cdca40a9983391"


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "t.csv"
    found.write_text("to,name\n+447400123456,Ann\n")
    return found


def test_a_campaign_is_small_and_can_be_sent_to_another_process(path):
    made = campaign(path, text="Hi #name#")
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own
    assert len(pickle.dumps(made)) < 2000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": ""}, "--text: expected a text, found an empty one"),
        ({"text": None}, "no content: use --text, --text-file or --attach"),
    ],
)
def test_a_campaign_has_a_text_or_an_attachment(path, changes, message):
    with pytest.raises(OptionError) as caught:
        campaign(path, **changes)
    assert str(caught.value) == message


def test_a_campaign_has_no_log_in(path):
    with pytest.raises(ValueError, match="the message of a campaign has no log-in"):
        campaign(path, text="x", message=replace(BLANK, credentials=REAL))


def test_the_identity_is_the_same_in_every_version(path):
    """Journals hold a digest of it: with another one, a campaign would be sent again."""
    found = campaign(path, text="Hi #name#", message=replace(BLANK, validity=60)).identity()
    blank = {"to": ("447700900000",), "rows": (), "delimiter": ",", "text": "", "extra": ()}
    assert found.pop("message") == {
        **blank,
        "credentials": asdict(PLACEHOLDER),
        "validity": 60,
        "warnings": (),
    }
    assert found == {
        "table": ["csv", ("to", "name"), 0],
        "text": "Hi #name#",
        "attachment": None,
        "attachment column": None,
        "slug": "people",
        "options": {},
        "region": None,
        "unique": False,
        "substitute": False,
        "max parts": None,
        "reference": 1,
        "limit": 100_000,
    }
    assert key_of(campaign(path, text="x").identity()) == KEY


def test_a_campaign_that_could_send_nothing_is_refused(path, tmp_path):
    check(campaign(path, text="Hi #name#"))
    with pytest.raises(OptionError, match="--region: expected a country"):
        check(campaign(path, text="x", region="UK"))
    with pytest.raises(SourceError, match=r"--attach: (.+: )?no such file"):
        check(campaign(path, attach=str(tmp_path / "none.vcf")))
    with pytest.raises(SplitError, match="expected at most 35 parts"):
        check(campaign(path, text="x" * 6000))


def test_heads_and_recipients_are_the_message_file():
    message = replace(BLANK, text="Hello", sender="447700900001", to=("447400123456",))
    for credentials in (PLACEHOLDER, REAL):
        whole = messagefile.dumps(replace(message, credentials=credentials))
        assert log_in(credentials) + head(message) + b"to:447400123456\n" == whole


def test_the_head_of_a_template_says_how_many_parts_its_rows_take(path):
    made = campaign(path, text="Hi #name#")
    assert template_head(made, b",", 1) == b"text:Hi #field1#\n"
    assert template_head(made, b"|", 3) == b"concat:3\ntext:Hi #field1#\ndelimiter:|\n"
    assert template_of(made).gateway == "Hi #field1#"
