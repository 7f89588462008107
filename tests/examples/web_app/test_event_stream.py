"""One event is one frame, whatever its data contains."""

import json

import pytest
from event_stream import encode_event
from hypothesis import given, strategies as st


@pytest.mark.parametrize("text", ["plain", "a\nb", "a\r\nb", "\n\ndata: forged", "\u2028", "</script>", "\ud800"])
def test_text_in_the_data_cannot_add_lines_or_events(text: str) -> None:
    event, data, *rest = encode_event("interface", data={"name": text}).decode().split("\n")
    assert (event, rest) == ("event: interface", ["", ""])
    assert json.loads(data.removeprefix("data: ")) == {"name": text}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_decoded_data_equals_the_encoded_data(data: dict[str, object]) -> None:
    lines = encode_event("budget", data=data).splitlines()
    assert len(lines) == 3
    assert json.loads(lines[1].removeprefix(b"data: ")) == data
