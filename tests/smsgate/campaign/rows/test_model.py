from types import SimpleNamespace

from smsenc import Coding
from smsgate.campaign.rows.model import ChunkMessages
from smsgate.campaign.rows.parts import Cost
from smsgate.campaign.rows.recipients import Recipients
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables.model import RejectCode


def test_rows_with_too_many_parts_are_left_out():
    cost = Cost(Coding.UCS2, 200, 3)
    messages = ChunkMessages([1, 3, None, 2], apart={1: cost, 3: Cost(Coding.UCS2, 80, 2)})
    found = Recipients([2, 3, 4, 5], [], [], [["a", "b", "c", "d"]])
    messages.guard(SimpleNamespace(max_parts=None), found)
    assert messages.rejects == []
    messages.guard(SimpleNamespace(max_parts=2), found)
    assert messages.rejects == [
        Reject(3, "", RejectCode.MAX_PARTS, "expected at most 2 parts, found 3", ("b",))
    ]
    assert (messages.sent(), messages.together()) == ([0, 3], [0])
    assert list(messages.apart) == [3]
