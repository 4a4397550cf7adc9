import pytest

from converters.cards.model import Card, Name
from converters.errors import SourceError


def test_a_card_has_a_name():
    with pytest.raises(SourceError) as caught:
        Card(name=Name())
    assert str(caught.value) == "N: expected a name, found none"
