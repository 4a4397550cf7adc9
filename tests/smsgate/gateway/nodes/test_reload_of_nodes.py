"""Each node answers for itself when settings are read again."""

from __future__ import annotations

from smsgate.gateway import reloading
from smsgate.gateway.reloading import Answer


def test_every_node_that_was_asked_is_waited_for(cluster):
    a, b = cluster.join("a"), cluster.join("b")
    asked = cluster.run(reloading.ask)
    later = cluster.join("c")  # has read the settings as they are
    assert cluster.run(reloading.asked) == asked.mark
    assert cluster.run(reloading.answered, asked) == {"a": None, "b": None}
    good, bad = Answer(done=True, lines=("one",)), Answer(done=False, lines=("two",))
    cluster.run(reloading.answer, b, asked.mark, bad)
    assert cluster.run(reloading.answered, asked) == {"a": None, "b": bad}
    cluster.run(reloading.answer, a, asked.mark, good)
    assert cluster.run(reloading.answered, asked) == {"a": good, "b": bad}
    again = cluster.run(reloading.ask)
    assert set(again.nodes) == {a, b, later}
    assert set(cluster.run(reloading.answered, again).values()) == {None}


def test_a_node_that_has_ended_is_not_waited_for(cluster):
    first, second = cluster.join("a"), cluster.join("a")
    asked = cluster.run(reloading.ask)
    assert set(cluster.run(reloading.answered, asked)) == {f"a ({first})", f"a ({second})"}
    cluster.leave(first)
    assert cluster.run(reloading.answered, asked) == {"a": None}


def test_a_node_that_starts_does_what_it_was_asked_since_it_joined(cluster):
    early = cluster.join("a")
    asked = cluster.run(reloading.ask)
    late = cluster.join("b")
    assert not cluster.run(reloading._seen, early)
    assert cluster.run(reloading._seen, late) == asked.mark
    cluster.run(reloading.answer, early, asked.mark, Answer(done=True, lines=()))
    assert cluster.run(reloading._seen, early) == asked.mark
