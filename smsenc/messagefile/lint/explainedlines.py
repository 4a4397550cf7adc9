"""Explanations of the rules about lines, keys, recipients and templates."""

from __future__ import annotations

from smsenc.messagefile.lint.explanation import Explanation

LINES = (
    Explanation(
        "F001",
        "A line has no colon, so it has no key and no value.",
        "The gateway cannot read the line and refuses the file. Often it is the second "
        "line of a text that was broken.",
        "text:Your order is ready.\nCome by before noon.\nto:447700900123",
        "text:Your order is ready.\ntext:Come by before noon.\nto:447700900123",
        "Begin each line with its key and a colon. A text of several lines has several text lines.",
    ),
    Explanation(
        "F002",
        "Octets in the file are not in the charset that the gateway reads.",
        "The gateway shows other characters, or refuses the file.",
        "text:Gr\\xFC\\xDFe\nto:447700900123",
        "text:Gr\\xC3\\xBC\\xC3\\x9Fe\nto:447700900123",
        "Save the file in the charset of the profile, here utf-8.",
    ),
    Explanation(
        "F003",
        "A line is longer than the gateway reads, and its key is not data.",
        "The gateway cuts the line or refuses the file.",
        "text:{x*8200}\nconcat:35\nto:447700900123",
        "text:{x*5000}\nconcat:33\nto:447700900123",
        "Shorten the value. Only data can continue on another line of the same key without "
        "a line break.",
    ),
    Explanation(
        "F004",
        "A data line is longer than the gateway reads.",
        "The gateway cuts the line, and the phone gets damaged data, or none.",
        "concat:35\ndata:{00*4200}\nto:447700900123",
        "concat:35\ndata:{00*4000}\ndata:{00*200}\nto:447700900123",
        "Continue on another data line. The gateway joins data lines.",
    ),
    Explanation(
        "F005",
        "A value has a control character, such as a tab or a NUL.",
        "Programs read such a value differently, and some end the line there. What follows "
        "could become a line of its own, such as another recipient.",
        "text:Total:\\x0912 pounds\nto:447700900123",
        "text:Total: 12 pounds\nto:447700900123",
        "Remove the character. Write a line break as another text line.",
    ),
    Explanation(
        "F006",
        "The file begins with a byte order mark, the octets EF BB BF.",
        "Some gateways read the mark as part of the first key, and then know no api_id.",
        "\\xEF\\xBB\\xBFapi_id:1234\nuser:me\npassword:secret\ntext:Hello\nto:447700900123",
        "api_id:1234\nuser:me\npassword:secret\ntext:Hello\nto:447700900123",
        "Save the file without the mark.",
    ),
    Explanation(
        "F007",
        "Some lines end with LF, others with CR LF or CR.",
        "Two programs wrote the file, or one has damaged it. A reader that knows one line "
        "end takes two lines for one.",
        "text:Hello\\x0D\nto:447700900123",
        "text:Hello\nto:447700900123",
        "Use one line end in the whole file.",
    ),
    Explanation(
        "F008",
        "The file has more lines, beside to and csv, than any message needs.",
        "A file of empty or repeated lines only fills the memory of who reads it, so it is "
        "refused.",
        "text:Hello\nto:447700900123\n{text:/*200000}",
        "text:Hello\nto:447700900123",
        "Divide the file, or find the program that wrote the same lines again and again.",
    ),
    Explanation(
        "F009",
        "The file is in UTF-8, but the gateway reads another charset, such as ISO-8859-1.",
        "Each letter beyond ASCII becomes two or more wrong characters on the phone.",
        "text:Gr\\xC3\\xBC\\xC3\\x9Fe\nto:447700900123",
        "text:Gr\\xFC\\xDFe\nto:447700900123",
        "Save the file in the charset, or send Unicode: unicode:1 with the text as hex of UTF-16.",
    ),
    Explanation(
        "K101",
        "The gateway does not know the key.",
        "It ignores the line, so what you asked for is not done. Often the key is misspelled.",
        "text:Hello\ndeliv_ak:1\nto:447700900123",
        "text:Hello\ndeliv_ack:1\nto:447700900123",
        "Correct the spelling, or remove the line.",
    ),
    Explanation(
        "K102",
        "The key is known in another spelling.",
        "This gateway may accept it, another may not.",
        "Text:Hello\nto:447700900123",
        "text:Hello\nto:447700900123",
        "Use the standard spelling.",
    ),
    Explanation(
        "K103",
        "A key that may be there once is there again.",
        "Nobody can say which of the two lines counts.",
        "from:Shop\nfrom:Bank\ntext:Hello\nto:447700900123",
        "from:Shop\ntext:Hello\nto:447700900123",
        "Keep one of the lines.",
    ),
    Explanation(
        "K104",
        "The gateway of the profile does not know the key, although the format has it.",
        "The gateway ignores the line or refuses the file.",
        "queue:1\ntext:Hello\nto:447700900123",
        "text:Hello\nto:447700900123",
        "Remove the line, or choose the profile of a gateway that has the key.",
    ),
    Explanation(
        "K105",
        "A line of the log-in is missing or empty.",
        "The gateway does not know whose message it is and refuses it (error 001 or 108).",
        "api_id:1234\nuser:me\ntext:Hello\nto:447700900123",
        "api_id:1234\nuser:me\npassword:secret\ntext:Hello\nto:447700900123",
        "Begin the file with api_id, user and password.",
    ),
    Explanation(
        "K106",
        "The log-in is the placeholder xxxxx.",
        "smsenc writes it where no log-in is set. A gateway refuses it. smsenc upload puts "
        "your log-in in its place.",
        "api_id:xxxxx\nuser:xxxxx\npassword:xxxxx\ntext:Hello\nto:447700900123",
        "api_id:1234\nuser:me\npassword:secret\ntext:Hello\nto:447700900123",
        "Nothing, if you send with smsenc upload. Otherwise set SMSENC_API_ID, SMSENC_USER "
        "and SMSENC_PASSWORD, and write the files again.",
    ),
    Explanation(
        "K107",
        "A value is not one of those that the key can have.",
        "The gateway refuses the file with the error that the finding names.",
        "queue:9\ntext:Hello\nto:447700900123",
        "queue:3\ntext:Hello\nto:447700900123",
        "Write a value in the range that the finding names.",
    ),
    Explanation(
        "R201",
        "The recipient is not a phone number with its country code.",
        "The gateway refuses the recipient with error 105.",
        "text:Hello\nto:07700900123",
        "text:Hello\nto:447700900123",
        "Replace the first 0 by the country code, such as 44.",
    ),
    Explanation(
        "R202",
        "The number has +, 00, spaces or punctuation.",
        "The number can be read here, but gateways take digits only.",
        "text:Hello\nto:+44 7700 900123",
        "text:Hello\nto:447700900123",
        "Write digits only.",
    ),
    Explanation(
        "R203",
        "A recipient is there twice.",
        "The person gets the message twice, and you pay twice.",
        "text:Hello\nto:447700900123\nto:447700900123",
        "text:Hello\nto:447700900123",
        "Remove one of the lines.",
    ),
    Explanation(
        "R204",
        "The file has both to and csv lines, or neither.",
        "A message has recipients (to), a template has rows (csv). The gateway refuses a mixture.",
        "text:Hello\nto:447700900123\ncsv:447700900124",
        "text:Hello\nto:447700900123\nto:447700900124",
        "Use to for messages and csv for rows.",
    ),
    Explanation(
        "R205",
        "The file has more recipients or rows than the gateway takes.",
        "The gateway refuses the file, or reads only its beginning.",
        "text:Hello\nto:447700900123\nto:447700900124\nto:447700900125",
        "text:Hello\nto:447700900123\nto:447700900124",
        "Divide the recipients among files. The profile says how many are allowed, here 2; "
        "smsenc divides by itself.",
    ),
    Explanation(
        "T301",
        "The text has a field that no row, or not every row, fills.",
        "People would read #field1# instead of their name.",
        "text:Dear #field1#, order #field2# is ready.\ncsv:447700900123,Ann",
        "text:Dear #field1#, order #field2# is ready.\ncsv:447700900123,Ann,1001",
        "Add cells to every row, or remove the field from the text.",
    ),
    Explanation(
        "T302",
        "A row has more cells than the text has fields.",
        "Perhaps a cell has the delimiter in it, so that all later cells are one too far "
        "to the right.",
        "text:Dear #field1#\ncsv:447700900123,Ann,1001",
        "text:Dear #field1#\ncsv:447700900123,Ann",
        "Remove the cells, use them in the text, or choose another delimiter.",
    ),
    Explanation(
        "T303",
        "A cell has text that looks like a field.",
        "The gateway may replace it by another cell, so a customer's text could show what "
        "is not meant for others.",
        "text:Dear #field1#\ncsv:447700900123,#field2#",
        "text:Dear #field1#\ncsv:447700900123,field 2",
        "Change the cell, or send this text as a message of its own.",
    ),
    Explanation(
        "T304",
        "The delimiter is not one character, or is a digit.",
        "The gateway cannot divide the rows.",
        "delimiter:;;\ntext:Hello\ncsv:447700900123",
        "delimiter:;\ntext:Hello\ncsv:447700900123",
        "Use one character that is not a digit and is in no cell.",
    ),
)
