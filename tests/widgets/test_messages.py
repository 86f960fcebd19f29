"""What the widgets' Python does with the messages of the page, without a page."""

from typing import Any

import pytest
from anywidget import AnyWidget

from torchcamp.widgets.draw_pad import NUM_PIXELS, DrawPad
from torchcamp.widgets.exercise_editor import ExerciseEditor
from torchcamp.widgets.figure import Figure
from torchcamp.widgets.live_training import LiveTraining
from torchcamp.widgets.question import Question


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """What a widget sends to its page: content and buffers."""
    messages: list[tuple[Any, Any]] = []

    def send(self: AnyWidget, content: Any, buffers: Any = None) -> None:
        messages.append((content, buffers))

    monkeypatch.setattr(AnyWidget, "send", send)
    return messages


def test_a_figure_answers_the_question_that_was_asked(sent: list[tuple[Any, Any]]):
    figure = Figure(lambda state: ({"twice": 2 * state["x"]}, [b"ab"]), {"x": 1})
    assert figure.opening == {"twice": 2}
    assert figure.arrays == [b"ab"]
    figure._receive(figure, {"kind": "ask", "id": 7, "state": {"x": 5}}, [])
    assert sent == [({"kind": "answer", "id": 7, "reply": {"twice": 10}}, [b"ab"])]


def test_what_is_not_a_question_is_not_answered(sent: list[tuple[Any, Any]]):
    figure = Figure(lambda state: ({}, []), {})
    figure._receive(figure, {"kind": "else", "id": 7, "state": {}}, [])
    assert sent == []


def test_the_first_answer_to_a_question_stays():
    committed: list[int] = []
    question = Question(committed.append, prompt="?", options=["a", "b", "c"])
    question._receive(question, {"kind": "look", "chosen": 0}, [])
    question._receive(question, {"kind": "commit", "chosen": "1"}, [])
    assert (question.chosen, committed) == (-1, [])
    for chosen in (2, 0):
        question._receive(question, {"kind": "commit", "chosen": chosen}, [])
    assert (question.chosen, committed) == (2, [2])


@pytest.mark.parametrize(("asked", "taken"), [(0.05, 0.05), (1e-9, 0.001), (99, 0.5)])
def test_a_rate_stays_within_its_slider(asked: float, taken: float):
    rates: list[float] = []
    widget = LiveTraining(
        lambda: None, lambda: None, rates.append, lowest_rate=0.001, highest_rate=0.5
    )
    widget._act(widget, {"kind": "rate", "rate": asked}, [])
    assert rates == [taken]
    assert widget.rate == taken


def test_buttons_start_and_stop_a_training(sent: list[tuple[Any, Any]]):
    pressed: list[str] = []
    widget = LiveTraining(
        lambda: pressed.append("start"), lambda: pressed.append("stop"), lambda rate: None
    )
    for kind in ("start", "stop", "else"):
        widget._act(widget, {"kind": kind}, [])
    assert pressed == ["start", "stop"]
    widget.tell(running=True, words="step 3")
    assert (widget.running, widget.words) == (True, "step 3")
    assert sent == [({"kind": "state", "running": True, "words": "step 3", "fresh": False}, None)]


def test_a_page_that_is_opened_again_gets_all_rows_of_the_run(sent: list[tuple[Any, Any]]):
    widget = LiveTraining(lambda: None, lambda: None, lambda rate: None)
    for step in (10, 20):
        widget.show(step=step, num_steps=40, values={"loss": 1.0}, steps_per_second=5.0)
    widget._act(widget, {"kind": "rows"}, [])
    content, _ = sent[-1]
    assert content["kind"] == "rows"
    assert [row["step"] for row in content["rows"]] == [10, 20]
    widget.tell(running=True, words="loading", fresh=True)  # a new run
    widget._act(widget, {"kind": "rows"}, [])
    assert sent[-1][0]["rows"] == []


def test_a_drawing_asks_for_no_gradient_unless_it_says_so(sent: list[tuple[Any, Any]]):
    asked: list[tuple[int, int]] = []

    def look(pixels: bytes, gradient_of: int) -> tuple[dict[str, Any], list[bytes]]:
        asked.append((len(pixels), gradient_of))
        return {"probs": [1.0]}, [b"x"]

    pad = DrawPad(look)
    picture = bytes(NUM_PIXELS)
    pad._answer(pad, {"kind": "look", "id": 1}, [picture])
    pad._answer(pad, {"kind": "look", "id": 2, "gradient_of": 4}, [picture])
    pad._answer(pad, {"kind": "look", "id": 3}, [picture[1:]])
    pad._answer(pad, {"kind": "look", "id": 4}, [])
    assert asked == [(NUM_PIXELS, -1), (NUM_PIXELS, 4)]
    assert [content["id"] for content, _ in sent] == [1, 2]
    assert sent[0][1] == [b"x"]


def test_an_editor_hands_on_only_what_it_knows():
    acts: list[tuple[str, str]] = []
    editor = ExerciseEditor(lambda kind, message: acts.append((kind, message["text"])))
    for kind in ("save", "run", "theirs"):
        editor._receive(editor, {"kind": kind, "text": "x = 1"}, [])
    assert acts == [("save", "x = 1"), ("theirs", "x = 1")]
