"""A campaign: what is the same for all its rows, small enough to be sent to any process.

Every value is plain. Each process makes what it needs from them (a template, tables of numbers) and
keeps it. The log-in stays in the process that writes: no worker and no journal receives it.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from converters.errors import SourceError
from smsenc import Coding, OptionError, messagefile
from smsenc.messagefile import PLACEHOLDER, Message
from smsenc.messagefile.profile import CLICKATELL, Profile
from smsenc.substitute import Substitute
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.template import Template, compile_template
from smsgate.campaign.tables.model import Table, TableKind
from smsgate.outbox.reading import open_file, unreadable

#: A recipient for messages whose recipients are not known yet.
_NOBODY = "447700900000"
#: What a journal has for levels of substitutes: there was only one once.
_SUBSTITUTED = {Substitute.NEVER: False, Substitute.TYPOGRAPHIC: True}
#: An empty message, to which options are added.
BLANK = Message(to=(_NOBODY,), text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Who receives what: a ``text`` with fields, or an attachment, for all rows or one for each.

    ``message`` has sender and gateway options; its body and recipients are filled in. ``attach`` is
    a file, ``attach_column`` the index of a column that names files below ``attachments``.
    ``opt_out`` is a file of numbers that receive nothing. With ``unique``, each number receives one
    message, whatever the content. ``substitute`` says how far characters may be replaced if that
    makes a text GSM 7-bit. ``limit`` is the most recipients of one file.
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
    substitute: Substitute = Substitute.NEVER
    reference: int = 1
    limit: int = CLICKATELL.most_messages

    def __post_init__(self) -> None:
        given = [x is not None for x in (self.text, self.attach, self.attach_column)]
        if not any(given):
            raise OptionError("no content: use --text, --text-file or --attach")
        if sum(given) > 1:
            raise OptionError("cannot be combined with an attachment", name="--text")
        if self.text == "":
            raise OptionError("expected a text, found an empty one", name="--text")
        if self.message.credentials != PLACEHOLDER:
            raise ValueError("the message of a campaign has no log-in")

    def identity(self) -> dict[str, object]:
        """What is the same in all runs of the campaign but the rows; no log-in is part of it.

        Journals hold a digest of these values, so none of them may be written differently.
        """
        message = asdict(replace(self.message, credentials=PLACEHOLDER))
        return {
            "table": [str(self.table.kind), self.table.columns, self.table.to],
            "text": self.text,
            "attachment": self.attach and _file_digest(self.attach),
            "attachment column": self.attach_column,
            "message": {name: value for name, value in message.items() if value is not None},
            "slug": self.slug,
            "options": dict(self.options),
            "region": self.region,
            "unique": self.unique,
            "substitute": _SUBSTITUTED.get(self.substitute, self.substitute.value),
            "max parts": self.max_parts,
            "reference": self.reference,
            "limit": self.limit,
        }


def _file_digest(path: str) -> str:
    try:
        with open_file(path) as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()[:32]
    except OSError as error:
        raise unreadable(error).at(source=path, name="--attach") from error
    except SourceError as error:
        raise error.at(source=path, name="--attach") from None


@lru_cache(maxsize=8)
def plain_of(campaign: Campaign) -> Template:
    """The campaign's text, compiled; raises OptionError for a field that is not a column."""
    text = campaign.text or "-"
    return compile_template(text, campaign.table.columns, campaign.table.aliases)


@lru_cache(maxsize=8)
def template_of(campaign: Campaign) -> Template:
    """``plain_of`` with substitutes: the text of those rows that are GSM 7-bit."""
    return plain_of(campaign).substituted(campaign.substitute)


def template_in(campaign: Campaign, coding: Coding) -> Template:
    """The text of rows in a coding: Unicode has all characters, so nothing is substituted."""
    return plain_of(campaign) if coding is Coding.UCS2 else template_of(campaign)


def with_values(campaign: Campaign) -> Campaign:
    """The same, with the values of those cells that filters for amounts and dates read.

    Raises OptionError for a column that the text also uses without such a filter.
    """
    fields = template_of(campaign).fields
    bare = {field.index for field in fields if field.bare}
    if not bare or campaign.table.kind is not TableKind.XLSX:
        return campaign
    for field in fields:
        if field.index in bare and not field.bare:
            expected = "expected the same filter at each place, money or date"
            raise OptionError(f"{expected}, found #{field.column}# without", name="--text")
    return replace(campaign, table=replace(campaign.table, bare=campaign.table.bare | bare))


def check(campaign: Campaign) -> None:
    """Raise OptionError or SplitError for a campaign of which no row could be sent."""
    Numbers(campaign.region)
    campaign.identity()  # reads the attachment
    template = template_of(campaign)
    if campaign.text is not None and not template.fields:
        template.cost(())


# Octets of message files -------------------------------------------------------------------------


_LOG_IN = messagefile.log_in(PLACEHOLDER)


def head(message: Message, profile: Profile = CLICKATELL) -> bytes:
    """Octets of a message file between the log-in and the recipients.

    Raises MessageFileError as ``messagefile.dumps`` does.
    """
    message = replace(message, credentials=PLACEHOLDER)
    return messagefile.head(message, profile).removeprefix(_LOG_IN)


def template_head(campaign: Campaign, delimiter: bytes, parts: int) -> bytes:
    """Octets of a template between the log-in and its rows, the longest of which takes ``parts``.

    Without ``concat`` the gateway refuses a second part (error 113).
    """
    return head(
        replace(
            campaign.message,
            text=template_of(campaign).gateway,
            to=(),
            rows=((_NOBODY,),),
            delimiter=delimiter.decode(),
            concat=parts if parts > 1 else campaign.message.concat,
        )
    )
