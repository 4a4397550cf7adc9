"""Explanations of the rules about bodies, headers, options and the files of a folder."""

from __future__ import annotations

from smsenc.messagefile.lint.explanation import Explanation

MESSAGES = (
    Explanation(
        "B401",
        "The file has both text and data, or neither.",
        "A message is a text, or octets. The gateway refuses the file with error 101.",
        "text:Hello\ndata:48656C6C6F\nto:447700900123",
        "text:Hello\nto:447700900123",
        "Write one of them.",
    ),
    Explanation(
        "B402",
        "The text or the data is empty.",
        "The gateway refuses the message with error 107.",
        "text:\nto:447700900123",
        "text:Hello\nto:447700900123",
        "Write a text.",
    ),
    Explanation(
        "B403",
        "The data is not pairs of hex digits.",
        "Half an octet cannot be sent. A space or a letter is often left from copying.",
        "data:48 65 6C\nto:447700900123",
        "data:48656C\nto:447700900123",
        "Write two hex digits for each octet, without spaces.",
    ),
    Explanation(
        "B404",
        "unicode:1 says that the text is hex, and it is not, or ends within a character.",
        "The gateway refuses the message with error 116, or the phone shows other characters.",
        "unicode:1\ntext:Hello\nto:447700900123",
        "unicode:1\ntext:00480065006C006C006F20AC\nto:447700900123",
        "Write the text as hex of UTF-16, four digits for each unit, or use unicode:0.",
    ),
    Explanation(
        "B405",
        "The text looks like hex of UTF-16, but unicode:1 is missing.",
        "Phones show the digits: 00480065 instead of He.",
        "text:00480065006C006C006F\nto:447700900123",
        "unicode:1\ntext:00480065006C006C006F\nto:447700900123",
        "Add unicode:1. If people are meant to read the digits, ignore the finding.",
    ),
    Explanation(
        "B406",
        "The text has a character that the GSM 7-bit alphabet lacks.",
        "The gateway sends another character or a question mark, or sends the whole text "
        "as Unicode: a single part then holds 70 characters instead of 160.",
        "text:Your na\\xEFve friend\nto:447700900123",
        "text:Your naive friend\nto:447700900123",
        "Replace the character, or send Unicode on purpose. smsenc count TEXT names such "
        "characters and what they cost.",
    ),
    Explanation(
        "B407",
        "The message takes more parts than concat allows; without concat, one part.",
        "The gateway refuses the message with error 113, or cuts it.",
        "text:{Hello *40}end\nto:447700900123",
        "concat:2\ntext:{Hello *40}end\nto:447700900123",
        "Raise concat, or shorten the text.",
    ),
    Explanation(
        "U501",
        "The sender is a name, but the message is 8-bit data.",
        "Gateways refuse this with error 106: names are for texts only.",
        "from:Shop\ndata:48656C6C6F\nto:447700900123",
        "from:447700900100\ndata:48656C6C6F\nto:447700900123",
        "Use a number as the sender.",
    ),
    Explanation(
        "U502",
        "The file has a user data header, and a msg_type that makes one.",
        "The gateway would have two headers and refuses the file.",
        "msg_type:SMS_NOKIA_RINGTONE\nudh:06050415810000\ndata:024A3A\nto:447700900123",
        "udh:06050415810000\ndata:024A3A\nto:447700900123",
        "Keep one of them.",
    ),
    Explanation(
        "U503",
        "The file has a user data header, but text instead of data.",
        "The gateway sends a header with data only.",
        "udh:06050415810000\ntext:Hello\nto:447700900123",
        "udh:06050415810000\ndata:024A3A\nto:447700900123",
        "Write data with a header, or remove the header.",
    ),
    Explanation(
        "U504",
        "The user data header is damaged, or leaves no room for the data.",
        "The gateway refuses the file with error 102, or the phone discards the message.",
        "udh:0500\ndata:024A3A\nto:447700900123",
        "udh:06050415810000\ndata:024A3A\nto:447700900123",
        "Correct the lengths: the first octet counts those that follow in the header. "
        "Header and data of a part have at most 140 octets.",
    ),
    Explanation(
        "U505",
        "The file has a delay and a time to send at.",
        "Nobody can say which of the two counts; the gateway refuses the file with error 120.",
        "deliv_time:60\nscheduled_time:1700003600\ntext:Hello\nto:447700900123",
        "deliv_time:60\ntext:Hello\nto:447700900123",
        "Keep one of them.",
    ),
    Explanation(
        "U506",
        "The delay is ten minutes or less.",
        "Gateways look at delayed messages every few minutes, so a short delay is inexact. "
        "Perhaps hours were meant: the value is in minutes.",
        "deliv_time:2\ntext:Hello\nto:447700900123",
        "deliv_time:120\ntext:Hello\nto:447700900123",
        "Use a longer delay, or none.",
    ),
    Explanation(
        "U507",
        "req_feat has bits that no feature has.",
        "No route may have them, and then the message cannot be sent.",
        "req_feat:65\ntext:Hello\nto:447700900123",
        "req_feat:33\ntext:Hello\nto:447700900123",
        "Add up the numbers of the features that you need, such as 1 for text and 32 for a "
        "numeric sender.",
    ),
    Explanation(
        "U508",
        "mo:1 asks for a route that carries replies, but from is no number.",
        "People cannot answer a name, so no reply comes back.",
        "mo:1\nfrom:Shop\ntext:Reply YES\nto:447700900123",
        "mo:1\nfrom:447700900100\ntext:Reply YES\nto:447700900123",
        "Set from to the number that you have rented for replies.",
    ),
    Explanation(
        "D601",
        "A message has several parts, and the file of one of them is not there.",
        "The phone waits for the part and shows nothing, but you pay for the others.",
        "000001-logo.p1-2.txt  udh:050003050201",
        "000001-logo.p1-2.txt  udh:050003050201\n000001-logo.p2-2.txt  udh:050003050202",
        "Add the missing file, or write the message again.",
    ),
    Explanation(
        "D602",
        "The file's name and its header do not agree on which part of how many it is.",
        "Somebody has renamed or replaced a file. The phone goes by the header and may "
        "join parts of two messages.",
        "000001-logo.p1-2.txt  udh:050003050201\n000001-logo.p2-2.txt  udh:050003050303",
        "000001-logo.p1-2.txt  udh:050003050201\n000001-logo.p2-2.txt  udh:050003050202",
        "Rename the file to match its header, or write the message again.",
    ),
    Explanation(
        "D603",
        "Other users of this machine can read a file that has a real log-in.",
        "They could send messages at your cost.",
        "-rw-r--r--  000001-order.txt",
        "-rw-------  000001-order.txt",
        "Remove the permissions of group and others: chmod 600 FILE.",
    ),
    Explanation(
        "X901",
        "The file would be refused for a reason that no other rule has; the finding says which.",
        "The reader of smsenc, which is as strict as a gateway, does not accept the file.",
        "scheduled_time:1600000000\ntext:Hello\nto:447700900123",
        "scheduled_time:1700003600\ntext:Hello\nto:447700900123",
        "Do what the finding says: here, write a time in the future that is at most seven "
        "days ahead.",
    ),
)
