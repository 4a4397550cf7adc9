from converters.shared.views import aligned, view_of

ANN = [("Name", "Ann"), ("Note", ""), ("Address", "1 High Street\nWhitby")]


def test_texts_are_in_a_column_and_empty_ones_are_skipped():
    assert list(aligned(ANN)) == ["Name     Ann", "Address  1 High Street", "         Whitby"]


def test_one_is_the_content_itself():
    view = view_of("cards", [{"name": "Ann"}], [ANN[:1]])
    assert (view.content, view.lines) == ({"name": "Ann"}, ("Name  Ann",))


def test_several_are_a_list_with_an_empty_line_between():
    view = view_of("cards", [{"name": "Ann"}, {"name": "Bob"}], [ANN[:1], [("Name", "Bob")]])
    assert view.content == {"cards": [{"name": "Ann"}, {"name": "Bob"}]}
    assert view.lines == ("Name  Ann", "", "Name  Bob")
