import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import SourceError
from converters.shared.contentlines import Line, components, value


def tree(component):
    return component.name, len(component.lines), [tree(child) for child in component.children]


@pytest.mark.parametrize(
    ("octets", "trees"),
    [
        (b"", []),
        (b"junk\nBEGIN:A\nX:1\nend : a \nBEGIN:B\nEND:B", [("A", 1, []), ("B", 0, [])]),
        (b"BEGIN:A\nBEGIN:B\nX:1\nEND:B\nEND:A", [("A", 0, [("B", 1, [])])]),
        (b"BEGIN:A\nBEGIN:B\nEND:A\nX:1", [("A", 0, [("B", 0, [])])]),
        (b"BEGIN:A\nEND:B\nX:1", [("A", 1, [])]),
        (b"BEGIN:VCARD\nX:1\nBEGIN:VCARD\nEND:VCARD", [("VCARD", 1, []), ("VCARD", 0, [])]),
        (b"BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nEND:VCARD\n", [("VCARD", 1, [("VCARD", 0, [])])]),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VALARM\nBEGIN:VTODO\nEND:VTODO\n",
            [("VCALENDAR", 0, [("VEVENT", 0, [("VALARM", 0, [])]), ("VTODO", 0, [])])],
        ),
    ],
)
def test_components(octets, trees):
    assert [tree(component) for component in components(octets)] == trees


def test_a_component_knows_whether_it_was_closed_and_where_it_began():
    first, second = components(b"\nBEGIN:A\nEND:A\nBEGIN:B\n")
    assert (first.closed, first.number) == (True, 2)
    assert (second.closed, second.number) == (False, 4)


def test_too_many_lines(monkeypatch):
    monkeypatch.setattr("converters.shared.contentlines.tree.MOST_LINES", 3)
    first, second = components(b"BEGIN:A\n" + b"X:1\n" * 9 + b"END:A\nBEGIN:B\nX:1\nEND:B\n")
    assert str(first.error) == "line 1: expected at most 3 lines in a A, found more"
    assert len(first.lines) <= 4
    assert second.error is None


def test_too_deep():
    (component,) = components(b"".join(b"BEGIN:X%d\n" % n for n in range(2000)))
    assert str(component.error) == (
        "line 1: expected at most 8 components inside each other in a X0, found more"
    )


def test_too_long(monkeypatch):
    monkeypatch.setattr("converters.shared.contentlines.tree.MOST_COMPONENT_OCTETS", 30)
    first, second = components(b"BEGIN:A\n" + b"X:1\n" * 9 + b"END:A\nBEGIN:B\nX:1\nEND:B\n")
    assert str(first.error) == "line 1: expected at most 30 octets in a A, found more"
    assert second.error is None
    with pytest.raises(SourceError) as caught:
        value(Line("X", (), b"x" * 65_537, 1))
    assert str(caught.value) == "expected at most 65536 octets, found 65537"


@given(st.binary(max_size=300))
def test_any_octets(octets):
    for component in components(b"BEGIN:VCARD\n" + octets):
        for line in component.lines:
            try:
                assert value(line).fields
            except SourceError:
                pass
