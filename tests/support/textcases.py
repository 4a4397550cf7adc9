"""Generated texts for properties of cards and events."""

from hypothesis import strategies as st


def normal(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.text(st.sampled_from(list("aB;,\\:=\n éЖ😀")), max_size=90)
).map(normal)

FILLED = TEXTS.filter(bool)
