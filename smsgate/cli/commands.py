"""The commands: name, heading and summary of each.

``smsenc --help`` is printed from this table, so that no command has to be loaded for it. A
command's function has the command's name, and is in the module of that name in this package.
"""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A row; ``summary`` is the first line of the command's own help."""

    name: str
    heading: str
    summary: str


COMMANDS = (
    Command("convert", "Make", "Convert contacts, events, tunes, pictures and texts to messages."),
    Command("batch", "Make", "Make a message for everybody in a table: a text or a file."),
    Command("decode", "Make", "Save received messages as files."),
    Command("transcode", "Make", "Convert a file to another phone format."),
    Command("inspect", "Show", "Show what a phone displays for messages, sources or parts in hex."),
    Command("preview", "Show", "See or hear a message as the phone presents it."),
    Command("count", "Show", "Count the parts of a text, and list characters that cost extra."),
    Command("lint", "Show", "Find mistakes in message files, and explain how to fix them."),
    Command("formats", "Show", "List the formats that convert reads, and their options."),
    Command("config", "Show", "Show the settings in smsenc.toml or in your own config.toml."),
    Command("profiles", "Show", "Show what each known gateway accepts."),
    Command("upload", "Send", "Upload an outbox to its gateway; resume after a failure."),
    Command("send", "Send", "Send sources or an outbox over SMPP, without a gateway between."),
    Command("log", "Send", "Show what happened to each message after the upload."),
    Command("watch", "Send", "Convert and send every file that is put into a folder."),
    Command("simulate", "Test", "Run a phone network on this machine to test against."),
)

#: Commands of two words; the module and the function have ``_`` for the space.
SUBCOMMANDS = (Command("simulate reply", "Test", "Send a reply from a phone of smsenc simulate."),)
