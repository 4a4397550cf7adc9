from campaigns import rows_of


def test_a_card_is_a_row_with_its_mobile_number(table):
    octets = (
        b"BEGIN:VCARD\nVERSION:3.0\nN:Bloggs;Joe\nORG:Acme;Sales\n"
        b"TEL;TYPE=PREF,WORK:+44 20 7946 0123\nTEL;TYPE=FAX,CELL:1\nTEL;TYPE=CELL:+447700900123\n"
        b"END:VCARD\nBEGIN:VCARD\nVERSION:3.0\nTEL;TYPE=FAX:2\nN:Fax;Only\nEND:VCARD\n"
        b"BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"
    )
    opened = table(octets, name="people.vcf")
    first, second, third = rows_of(opened, 2)
    assert dict(zip(opened.columns, first[1], strict=True)) == dict.fromkeys(opened.columns, "") | {
        "tel": "+447700900123",
        "name": "Joe Bloggs",
        "given": "Joe",
        "family": "Bloggs",
        "organisation": "Acme",
        "unit": "Sales",
    }
    assert (second[0], second[1][0], second[1][1]) == (2, "", "Only Fax")
    assert (third[0], third[1].code) == (3, "unreadable")
    assert "line 14: expected a name" in str(third[1])


def test_a_group_is_no_row(table):
    octets = b"BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Choir\nEND:VCARD\n"
    ((number, error),) = rows_of(table(octets, name="people.vcf"), 2)
    assert (number, error.code) == (1, "unreadable")
    assert str(error).endswith("line 3: expected a person, found a group of contacts")
