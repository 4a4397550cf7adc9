"""The same message again, or a person who says the same twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smsgate.gateway.sending.repeats import DOUBT, PATIENCE, Arrived, Repeats


class Trial:
    def __init__(self):
        self.repeats = Repeats()
        self.now = 1000.0
        self.begin()

    def begin(self):
        self.repeats.begin(self.now)

    def arrive(self, *words, session=None, missed=False):
        """How many of them are new."""
        session = self.repeats.session if session is None else session
        lot = [Arrived(session, word, b"") for word in words]
        found = self.repeats.sift(lot, self.now)
        self.repeats.settle(lot, found, self.now, missed=missed)
        return len(found.new)


def test_in_one_session_all_is_new():
    trial = Trial()
    assert trial.arrive("yes", "yes") == 2
    assert trial.arrive("yes") == 1


def test_each_answer_that_may_be_missed_explains_one():
    trial = Trial()
    trial.arrive("yes", "no")
    trial.begin()
    assert trial.arrive("yes") == 0
    assert trial.arrive("yes") == 1
    assert trial.arrive("no", "no") == 1


def test_answers_long_before_the_end_of_a_session_were_not_missed():
    trial = Trial()
    trial.arrive("yes")
    trial.now += DOUBT + 1
    trial.arrive("no")
    trial.begin()
    assert trial.arrive("yes", "no") == 1


def test_after_an_hour_it_is_a_new_message():
    trial = Trial()
    trial.arrive("yes")
    trial.begin()
    trial.now += PATIENCE + 1
    assert trial.arrive("yes") == 1


def test_what_was_asked_for_again_comes_in_the_same_session():
    trial = Trial()
    assert trial.arrive("yes", missed=True) == 1
    assert trial.arrive("yes") == 0
    assert trial.arrive("yes") == 1


def test_what_was_being_committed_when_its_session_ended_comes_again():
    trial = Trial()
    lot = [Arrived(1, "yes", b"")]
    found = trial.repeats.sift(lot, trial.now)
    trial.begin()
    trial.repeats.settle(lot, found, trial.now, missed=False)
    assert (len(found.new), trial.arrive("yes"), trial.arrive("yes")) == (1, 0, 1)


def test_an_old_one_and_the_same_again_are_in_one_lot():
    trial = Trial()
    trial.begin()
    lot = [Arrived(1, "yes", b""), Arrived(2, "yes", b"")]
    found = trial.repeats.sift(lot, trial.now)
    trial.repeats.settle(lot, found, trial.now, missed=False)
    assert found.new == lot[:1]


def test_what_was_committed_after_its_session_had_ended_comes_again():
    trial = Trial()
    trial.begin()
    assert trial.arrive("yes", session=1) == 1
    assert trial.arrive("yes") == 0


def test_a_repeated_one_that_is_missed_once_more_comes_again():
    trial = Trial()
    trial.arrive("yes")
    trial.begin()
    assert trial.arrive("yes") == 0
    trial.begin()
    assert trial.arrive("yes") == 0
    assert trial.arrive("yes") == 1


@given(st.lists(st.sampled_from("ab"), max_size=8), st.integers(0, 8))
def test_a_centre_that_repeats_what_it_missed_adds_nothing(words, heard):
    """The answers to the first ones were heard; the others are sent again."""
    trial = Trial()
    kept = trial.arrive(*words[:heard])
    trial.now += DOUBT + 1
    kept += trial.arrive(*words[heard:])
    trial.begin()
    kept += trial.arrive(*words[heard:])
    assert kept == len(words)
