from converters.shared.contentlines import Row

NOTE = Row("NOTE", "Call before six\\\\seven on Friday or later", 9, ("HOME",))


def test_a_row_is_a_content_line():
    assert NOTE.line("UTF-8") == b"NOTE;HOME:Call before six\\\\seven on Friday or later\r\n"
    assert Row("N", "Zoë", 0).line("ISO-8859-1") == (
        b"N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Zo=EB\r\n"
    )


def test_the_beginning_of_a_text_is_cut_without_its_escapes():
    assert NOTE.beginning("UTF-8", 39) == b"NOTE;HOME:Call before six\\\\seven...\r\n"
    assert NOTE.beginning("UTF-8", 20) is None
