"""One event is one frame, whatever its data says."""

import json

import pytest
from event_stream import frame
from hypothesis import given, strategies as st


@pytest.mark.parametrize("text", ["plain", "a\nb", "a\r\nb", "\n\ndata: forged", "\u2028", "</script>", "\ud800"])
def test_text_of_others_cannot_leave_its_line(text: str) -> None:
    event, data, *rest = frame("interface", data={"name": text}).decode().split("\n")
    assert (event, rest) == ("event: interface", ["", ""])
    assert json.loads(data.removeprefix("data: ")) == {"name": text}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_what_is_sent_is_what_is_read(data: dict[str, object]) -> None:
    lines = frame("budget", data=data).splitlines()
    assert len(lines) == 3
    assert json.loads(lines[1].removeprefix(b"data: ")) == data
