"""What a gateway is told: the values of gateway.toml and of the command line."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from smsenc.messagefile.parameters import FEATURES
from smsenc.smpp.mapping import Carry, CodingProfile
from smsgate.smppclient import Smsc

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_MEGABYTE = 1 << 20
_DAY = 86_400.0
ALL_FEATURES = sum(FEATURES.values())
#: Among the ``numbers`` of a route: all numbers.
ANY = "*"


class Tls(StrEnum):
    """Whether FTP clients use TLS."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


class HttpTls(StrEnum):
    """Whether browsers use TLS."""

    OFF = "off"
    REQUIRED = "required"


class SessionLimits(NamedTuple):
    """Seconds until a session ends that is not used, and until any session ends."""

    idle: float
    longest: float


class Unknown(StrEnum):
    """What becomes of messages that were sent and never answered."""

    HOLD = "hold"  # they stay unknown until somebody decides
    RESEND = "resend"  # they are sent again: a phone may get them twice


class Binds(StrEnum):
    """How many nodes bind to a message centre."""

    EACH = "each"  # every one that sends
    ONE = "one"  # another takes over when it ends or is lost


class Role(StrEnum):
    """What a node does."""

    FTP = "ftp"  # serves folders and reads files
    SEND = "send"  # sends over the routes
    CALLBACK = "callback"  # pushes states and replies to URLs
    WEB = "web"  # has the HTTP server


class Receipts(StrEnum):
    """For which messages a route is asked for delivery receipts."""

    ASKED = "asked"  # those with deliv_ack, or with a callback of final states
    ALWAYS = "always"
    NEVER = "never"


class Method(StrEnum):
    """How a URL is called."""

    POST = "post"  # the fields as a form
    GET = "get"  # the fields as a query


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpSettings:
    """The FTP server; port 0 takes a free one. Sizes are in octets, times in seconds.

    Without ``certificate`` (PEM, with its key) one is made in the gateway's folder.
    """

    host: str = "127.0.0.1"
    port: int = 2121
    tls: Tls = Tls.OPTIONAL
    certificate: Path | None = None
    passive_ports: range | None = None
    public_address: str = ""
    idle: float = 300.0
    connections: int = 256
    per_address: int = 64
    per_account: int = 16
    largest_file: int = 256 * _MEGABYTE
    most_files: int = 10_000  # in one folder


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """The HTTP server and the pages; port 0 takes a free one. Times are in seconds.

    Without ``certificate`` (PEM, with its key) one is made in the gateway's folder. Requests from
    ``behind_proxy`` say for whom they are made. ``name`` are the host names in the addresses of the
    pages, beside localhost. A user who does nothing for ``idle`` is logged out, and so is each one
    after ``longest``.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    tls: HttpTls = HttpTls.OFF
    certificate: Path | None = None
    behind_proxy: tuple[IPv4Network | IPv6Network, ...] = ()
    name: tuple[str, ...] = ()
    idle: float = 1800.0
    longest: float = 43_200.0

    @property
    def sessions(self) -> SessionLimits:
        """When sessions of the pages end."""
        return SessionLimits(self.idle, self.longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSettings:
    """A way to phones: a message centre, or the simulator inside (``smsc`` is None).

    ``price`` is in credits for a part, ``features`` the bits of what it can carry
    (``smsenc.messagefile.parameters.FEATURES``). It takes numbers that begin with one of
    ``prefixes`` or are of one of ``regions``; any number without both. Routes of one price share
    messages by ``weight``. Replies to ``numbers`` come back by it.

    Messages that escalate leave it after ``escalate_after`` seconds. After that many ``failures``
    in a row it gets none for ``rest`` seconds. ``other_route``, ``retry`` and ``end`` are
    command_status for which it differs from the table of ``routing.errorclasses``.
    """

    name: str
    smsc: Smsc | None = None
    unknown: Unknown = Unknown.HOLD
    receipts: Receipts = Receipts.ASKED
    price: Decimal = Decimal(1)
    features: int = ALL_FEATURES
    binds: Binds = Binds.EACH
    carry: Carry = Carry.UDHI
    coding: CodingProfile = field(default_factory=CodingProfile)
    prefixes: tuple[str, ...] = ()
    regions: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()
    weight: int = 1
    escalate_after: float = 600.0
    failures: int = 10
    rest: float = 60.0
    other_route: frozenset[int] = frozenset()
    retry: frozenset[int] = frozenset()
    end: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """An account whose folder another FTP server serves, or that has other limits.

    ``spool`` is where files are moved; it must be on the file system of ``folder``. ``prefix``
    replaces the first 0 of a number. ``callback`` is the URL that is told what becomes of messages,
    ``reply_callback`` the one for replies; both are called in one way.
    """

    folder: Path | None = None
    spool: Path | None = None
    settle: float | None = None
    prefix: str = ""
    callback: str = field(default="", repr=False)  # a URL may have secrets, too
    reply_callback: str = field(default="", repr=False)
    callback_method: Method = Method.POST
    callback_user: str = ""
    callback_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackSettings:
    """How URLs are called; ``timeout`` is in seconds, for the whole of a call.

    At most ``at_once`` calls run at the same time, and ``per_url`` of one URL. ``allow_private``
    are networks in which URLs may be although they are not public. No more than
    ``largest_answer`` octets of an answer are read.
    """

    timeout: float = 10.0
    at_once: int = 32
    per_url: int = 4
    allow_private: tuple[IPv4Network | IPv6Network, ...] = ()
    largest_answer: int = 65_536
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSettings:
    """Whose the messages to a number are: those of the account with this api_id.

    Each of the others may be empty: ``number`` is where phones write to, ``keyword`` the first word
    in any case, ``prefix`` the beginning of the phone's number.
    """

    account: str
    number: str = ""
    keyword: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds, sizes in octets.

    ``settle`` is how long a file must not change that nothing else proves complete; ``keep`` how
    long files stay in a folder; ``repeat`` how long a file of the same name and content is taken
    for the same upload. While ``most_waiting`` messages wait, or ``most_waiting_per_account`` of
    one account, uploads are refused. ``reply_parts`` is how long a message from a phone waits for
    its parts. ``texts``, ``events`` and ``messages`` are how long the texts, the events
    and all the rest of a message stay after it is final; its ledger stays for good.
    """

    settle: float = 5.0
    keep: float = 48 * 3600.0
    repeat: float = 48 * 3600.0
    messages_per_file: int = 1_000_000
    history_size: int = 16 * _MEGABYTE
    history_files: int = 5
    most_waiting: int = 5_000_000
    most_waiting_per_account: int = 1_000_000
    reply_parts: float = 3600.0
    texts: float = 7 * _DAY
    messages: float = 30 * _DAY
    events: float = 30 * _DAY


def host_name() -> str:
    """The name of this machine, in at most 32 letters, digits, ``-`` and ``_``."""
    return re.sub("[^A-Za-z0-9_-]+", "-", socket.gethostname())[:32].strip("-") or "node"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """One of the processes that work on the database.

    ``lease`` is for how many seconds it may be silent before others take over its work. ``storage``
    has the folders of accounts, the gateway's folder if it is None. ``home`` is empty if all nodes
    share one storage, else the name of this node's own.
    """

    name: str = field(default_factory=host_name)
    roles: frozenset[Role] = frozenset(Role)
    lease: float = 15.0
    storage: Path | None = None
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A whole gateway; ``accounts`` are by api_id.

    ``database`` is a server of PostgreSQL with its password; None is the file in ``data``.
    """

    data: Path
    database: URL | None = None
    ftp: FtpSettings = field(default_factory=FtpSettings)
    http: HttpSettings = field(default_factory=HttpSettings)
    limits: Limits = field(default_factory=Limits)
    callback: CallbackSettings = field(default_factory=CallbackSettings)
    routes: tuple[RouteSettings, ...] = ()
    accounts: Mapping[str, AccountSettings] = field(default_factory=dict)
    numbers: tuple[NumberSettings, ...] = ()
    node: NodeSettings = field(default_factory=NodeSettings)

    @property
    def policies(self) -> dict[str, Unknown]:
        """What becomes of messages without an answer, by route."""
        return {one.name: one.unknown for one in self.routes}

    @property
    def storage(self) -> Path:
        """Where the folders of accounts are, and what was taken out of them."""
        return self.node.storage or self.data
