"""The commands: name, heading and summary of each.

``smsenc --help`` is printed from this table, so that no command has to be loaded for it. A
command's function has the command's name, with ``_`` for a space.
"""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A row; ``summary`` is the first line of the command's own help.

    ``module`` has the function, in this package; the default is the one with the same name.
    """

    name: str
    heading: str
    summary: str
    module: str = ""

    @property
    def place(self) -> str:
        """The whole name of the module and the name of the function, with a colon between."""
        function = self.name.replace(" ", "_")
        return f"{__package__}.{self.module or function}:{function}"


COMMANDS = (
    Command("convert", "Make", "Convert contacts, events, tunes, pictures and texts to messages."),
    Command("batch", "Make", "Make a message for everybody in a table: a text or a file."),
    Command("decode", "Make", "Save received messages as files."),
    Command("transcode", "Make", "Convert a file to another phone format."),
    Command("studio", "Make", "See, hear, change and send messages in a browser."),
    Command("inspect", "Show", "Show what a phone displays for messages, sources or parts in hex."),
    Command("explain", "Show", "Show what each octet of a part, PDU or message file says."),
    Command("preview", "Show", "See or hear a message as the phone presents it."),
    Command("count", "Show", "Count the parts of a text, and list characters that cost extra."),
    Command("lint", "Show", "Find mistakes in message files, and explain how to fix them."),
    Command("formats", "Show", "List formats that convert reads, with their options."),
    Command("config", "Show", "Show the settings in smsenc.toml or in your own config.toml."),
    Command("profiles", "Show", "Show what each known gateway accepts."),
    Command("docs", "Show", "Read the documentation in a browser, without a network."),
    Command("schema", "Show", "Print the JSON Schema of what a command prints with --json."),
    Command("upload", "Send", "Upload an outbox to its gateway; resume after a failure."),
    Command("send", "Send", "Send sources or an outbox over SMPP, without a gateway between."),
    Command("log", "Send", "Show what happened to each message after the upload."),
    Command("watch", "Send", "Convert and send every file that is put into a folder."),
    Command(
        "gateway",
        "Serve",
        "Run an SMS gateway: files in by FTP, messages out by SMPP.",
        "gatewayoverview",
    ),
    Command("simulate", "Test", "Run a phone network on this machine to test against."),
    Command("doctor", "Set up", "Show what is installed here, and what is wrong with it."),
    Command("completion", "Set up", "Print what completes smsenc in a shell."),
)

_GATEWAY = (
    ("run", "gateway.run", "Run the gateway until SIGTERM or Ctrl-C."),
    ("check", "gateway.check", "Find what is wrong with a gateway before it fails."),
    ("status", "gateway.status", "Say whether a gateway runs, and count its messages."),
    ("backup", "gateway.backup", "Write a gateway to one file, while it runs or not."),
    ("restore", "gateway.backup", "Make a gateway of a backup, in a new folder."),
    ("reload", "gateway.reload", "Let the running gateway read gateway.toml again."),
    ("upgrade", "gateway.upgrade", "Change the database of an earlier version of smsenc."),
    ("drain", "gateway.drain", "Let the gateway send what it has, and end."),
    ("files", "gateway.files", "Print the settings, a unit or a container file."),
    ("account add", "gateway.account", "Make an account; its passwords are shown once."),
    ("account list", "gateway.account", "List the accounts."),
    ("account credit", "gateway.account", "Add credits to a balance, or take some away."),
    ("account password", "gateway.account", "Replace a password of an account."),
    ("account close", "gateway.account", "End an account: nobody can log in to it any more."),
    ("account freeze", "gateway.account", "Refuse the files of an account; --end accepts them."),
    ("account pause", "gateway.queue", "Let the messages of an account wait."),
    ("account resume", "gateway.queue", "Send the messages of a paused account again."),
    ("user add", "gateway.user", "Make a user of the pages; the password is shown once."),
    ("user list", "gateway.user", "List the users of the pages."),
    (
        "user password",
        "gateway.user",
        "Replace the password of a user, and log the user out.",
    ),
    ("user role", "gateway.user", "Let a user do more or less, and log the user out."),
    (
        "user disable",
        "gateway.user",
        "Log a user out, and let nobody log in with that name.",
    ),
    ("user enable", "gateway.user", "Let a disabled user log in again."),
    ("user remove", "gateway.user", "Log a user out, and forget the name."),
    ("queue pause", "gateway.queue", "Let the messages of a queue wait."),
    ("queue resume", "gateway.queue", "Send the messages of a paused queue again."),
    ("route list", "gateway.route", "List the routes, and what they have sent."),
    ("route pause", "gateway.route", "Stop sending by a route; messages wait."),
    ("route resume", "gateway.route", "Send by a paused route again."),
    ("route explain", "gateway.explain", "Say by which routes a message would go, and why."),
    ("message list", "gateway.messagelist", "List messages, the newest first."),
    ("message show", "gateway.message", "Show all that is known about a message."),
    ("message cancel", "gateway.message", "Stop messages that have not been sent."),
    ("message delay", "gateway.message", "Let a message wait for another time."),
    ("message resend", "gateway.resend", "Send failed or unknown messages again."),
    ("message settle", "gateway.settle", "Say what became of messages that are unknown."),
    ("callback list", "gateway.callback", "List the callbacks that wait or have failed."),
    ("callback retry", "gateway.callback", "Try a callback again, or all that have failed."),
    ("callback test", "gateway.callback", "Call the URLs of an account, and say what they answer."),
    ("reply list", "gateway.reply", "List what phones have written."),
    ("reply assign", "gateway.reply", "Give an account a reply that is nobody's."),
    ("optout list", "gateway.optout", "List numbers that get no messages."),
    ("optout add", "gateway.optout", "Send no more messages to numbers."),
    ("optout remove", "gateway.optout", "Send messages to numbers again."),
)

#: Commands of two and three words.
SUBCOMMANDS = (
    *(Command(f"gateway {name}", "Serve", text, module) for name, module, text in _GATEWAY),
    Command("simulate reply", "Test", "Send a reply from a phone of smsenc simulate."),
)


def next_words(name: str) -> dict[str, str]:
    """The words that go on with the name of a command, or with the beginning of one.

    Each has its summary, which is empty if it is no whole name either.
    """
    start = f"{name} " if name else ""
    found: dict[str, str] = {}
    for row in COMMANDS + SUBCOMMANDS:
        if row.name.startswith(start):
            word, _, more = row.name.removeprefix(start).partition(" ")
            found[word] = found.get(word, "") if more else row.summary
    return found
