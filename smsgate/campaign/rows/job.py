"""What is the same for every row of a campaign: small, so that it goes to any process.

Every value here is plain; what is made of it (a template, tables of numbers) each process makes
for itself and keeps. The log-in stays with the process that writes: it goes to no worker and into
no journal.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache

from converters.errors import SourceError
from smsenc import OptionError, messagefile
from smsenc.messagefile import PLACEHOLDER, Credentials, Message
from smsenc.messagefile.profile import CLICKATELL
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.template import Template, compile_template
from smsgate.campaign.tables.model import Table
from smsgate.outbox.reading import check_kind, unreadable

#: Stands in messages until the recipients come.
_NOBODY = "447700900000"
#: A message for nobody yet, to which options are added.
BLANK = Message(to=(_NOBODY,), text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Who gets what: a ``text`` with fields, or an attachment, one for all or one a row.

    ``message`` carries sender and gateway options (its body and recipients are filled in),
    ``attach`` is a file, ``attach_column`` the index of a column that names files below
    ``attachments``. ``opt_out`` names a file of numbers that get nothing. ``unique`` sends to each
    number once, whatever the content. ``substitute`` says that typographic characters may be
    replaced where that leaves a text GSM 7-bit. ``limit`` is how many recipients one file takes.
    """

    table: Table
    slug: str
    message: Message = BLANK
    text: str | None = None
    attach: str | None = None
    attach_column: int | None = None
    attachments: str = "."
    options: tuple[tuple[str, str], ...] = ()
    region: str | None = None
    opt_out: str | None = None
    unique: bool = False
    max_parts: int | None = None
    substitute: bool = False
    reference: int = 1
    limit: int = CLICKATELL.most_messages

    def __post_init__(self) -> None:
        given = [x is not None for x in (self.text, self.attach, self.attach_column)]
        if sum(given) != 1:
            raise OptionError("expected either a text or an attachment", name="--text")
        if self.text == "":
            raise OptionError("expected a text, found an empty one", name="--text")
        if self.message.credentials != PLACEHOLDER:
            raise ValueError("a campaign carries no log-in")

    def identity(self) -> dict[str, str]:
        """What the journal knows the campaign by: other rows may come, all of this stays."""
        options = (self.message, self.slug, self.options, self.region, self.unique, self.max_parts)
        return {
            "table": repr((self.table.kind, self.table.columns, self.table.to)),
            "text": repr(self.text),
            "attachment": repr((self.attach and _file_digest(self.attach), self.attach_column)),
            "set of options": repr((*options, self.reference, self.limit, self.substitute)),
        }


def _file_digest(path: str) -> str:
    try:
        check_kind(path)
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()[:32]
    except OSError as error:
        raise OptionError(unreadable(error).message, name="--attach") from error
    except SourceError as error:
        raise error.at(source=path, name="--attach") from None


@lru_cache(maxsize=8)
def template_of(campaign: Campaign) -> Template:
    """The campaign's text, ready to be merged; raises OptionError for an unknown column."""
    text = campaign.text or "-"
    template = compile_template(text, campaign.table.columns, campaign.table.aliases)
    return template.substituted() if campaign.substitute else template


def check(campaign: Campaign) -> None:
    """Raise OptionError or SplitError for a campaign of which no row could be sent."""
    Numbers(campaign.region)
    campaign.identity()  # reads the attachment
    template = template_of(campaign)
    if campaign.text is not None and not template.own:
        template.cost(())


# Octets of message files -------------------------------------------------------------------------


def log_in(credentials: Credentials) -> bytes:
    """The first lines of every file."""
    return messagefile.dumps(replace(BLANK, credentials=credentials)).partition(b"text:")[0]


_LOG_IN = log_in(PLACEHOLDER)


def head(message: Message) -> bytes:
    """Octets of a message between the log-in and its ``to:`` lines; raises MessageFileError."""
    whole = messagefile.dumps(replace(message, to=(_NOBODY,), rows=()))
    return whole.removeprefix(_LOG_IN).removesuffix(f"to:{_NOBODY}\n".encode())


def template_head(campaign: Campaign, delimiter: bytes, parts: int) -> bytes:
    """Octets of a template between the log-in and its rows, of which the longest takes ``parts``.

    Without ``concat`` the gateway refuses a second part (error 113).
    """
    message = replace(
        campaign.message,
        text=template_of(campaign).gateway,
        to=(),
        rows=((_NOBODY,),),
        delimiter=delimiter.decode(),
        concat=parts if parts > 1 else campaign.message.concat,
    )
    whole = messagefile.dumps(message)
    return whole.removeprefix(_LOG_IN).removesuffix(f"csv:{_NOBODY}\n".encode())
