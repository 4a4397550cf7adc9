import pytest
from campaigns import cells_of, rows_of, values_of

from converters.errors import SourceError
from smsenc import OptionError
from smsgate.campaign.tables import octets as raw
from smsgate.campaign.tables.kinds import chunks, digest, read


@pytest.mark.parametrize(
    ("encoded", "charset"),
    [
        ("to,name\n12,Zoë\n".encode(), "utf-8"),
        ("to,name\n12,Zoë\n".encode("utf-8-sig"), "utf-8"),
        ("to,name\n12,Zoë\n".encode("cp1252"), "windows-1252"),
        ("\ufeffto,name\n12,Zoë\n".encode("utf-16-le"), "utf-16-le"),
        ("\ufeffto,name\n12,Zoë\n".encode("utf-16-be"), "utf-16-be"),
        ("to,name\n12,Zoë\n".encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_the_charset_is_detected(table, encoded, charset):
    opened = table(encoded)
    assert opened.charset == charset
    assert rows_of(opened) == [(2, ["12", "Zoë"])]


def test_a_charset_may_be_given(table):
    octets = "to,name\n12,Анна\n".encode("koi8-r")
    assert cells_of(table(octets, charset="koi8-r")) == [["12", "Анна"]]
    with pytest.raises(OptionError, match="expected a charset that tables have"):
        table(octets, charset="iso2022_jp")
    with pytest.raises(OptionError, match=r"--charset: expected a charset, found 'nonsense'$"):
        table(octets, charset="nonsense")


def test_one_damaged_row_does_not_spoil_the_letters_of_the_others(table):
    octets = "to,name\n1,Zoë\n".encode() + b"2,Zo\xeb\n" + "3,Müller\n".encode()
    opened = table(octets)
    assert values_of(opened) == [
        (2, ["1", "Zoë"]),
        (3, ("unreadable", "line 3: expected a row, found octets that are not utf-8")),
        (4, ["3", "Müller"]),
    ]


def test_a_row_longer_than_a_chunk_is_not_read_into_memory(table, monkeypatch):
    monkeypatch.setattr(raw, "LONGEST_RANGE", 300_000)
    monkeypatch.setattr(raw, "_BLOCK", 100_000)
    octets = b"to,name\n1,a\n2," + b"x" * 3_000_000 + b"\n3,c\n"
    opened = table(octets)
    found = list(chunks(opened))
    assert [chunk.count for chunk in found] == [1, 1, 1]
    assert [found[n].end for n in (0, 1)] == [found[n].start for n in (1, 2)]
    assert [row for row, _ in rows_of(opened)] == [2, 3, 4]
    assert values_of(opened)[1][1][0] == "too-long"
    assert len({digest(opened, chunk) for chunk in found}) == 3


def test_rows_do_not_depend_on_where_blocks_end(table, monkeypatch):
    octets = b"to,name\n" + b"".join(b'%d,"a\nb ""c"""\n' % n for n in range(300))
    opened = table(octets)
    whole = rows_of(opened)
    for size in (1, 2, 3, 17, 100):
        monkeypatch.setattr(raw, "_BLOCK", size)
        assert rows_of(opened, 7) == whole
    assert len(whole) == 300


def test_a_file_that_became_shorter_is_an_error(table):
    opened = table(b"to,name\n1,a\n2,b\n")
    found = list(chunks(opened))
    table(b"to,name\n1,a\n")
    with pytest.raises(SourceError, match="the file has become shorter since it was opened"):
        list(read(opened, found[0]))
