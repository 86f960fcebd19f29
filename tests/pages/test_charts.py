"""Charts hold what they are given, and a report names each quantity once."""

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from torchcamp.evaluation.report import charts
from torchcamp.pages.charts import Series, line_chart, log_ticks, standalone, ticks
from torchcamp.pages.page import embedded_json, seconds_in_words

NUMBERS = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)


@given(NUMBERS, NUMBERS)
@example(-1_000_000.0, -999_999.9999999999)
def test_ticks_enclose_the_values(one: float, other: float):
    low, high = sorted((one, other))
    found = ticks(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    assert 2 <= len(found) <= 8


def test_a_single_point_is_marked_since_no_line_shows_it():
    def marks(points: list[tuple[float, float]], **more: bool) -> int:
        return line_chart("a quantity", [Series(name="", points=points, **more)]).count("<circle")

    two = [(0.0, 2.0), (1.0, 3.0)]
    assert marks([(1.0, 2.0)]) == 1
    assert marks(two) == 0
    assert marks(two, marks=True) == 2


def test_a_larger_value_stands_higher():
    svg = line_chart("a quantity", [Series(name="a", points=[(0.0, 1.0), (1.0, 3.0)])])
    match = re.search(r'points="([^"]+)"', svg)
    assert match
    (left, low), (right, high) = (map(float, dot.split(",")) for dot in match[1].split())
    assert left < right
    assert low > high  # an SVG counts from above


def places(svg: str) -> list[float]:
    match = re.search(r'points="([^"]+)"', svg)
    assert match
    return [float(dot.split(",")[0]) for dot in match[1].split()]


def test_decades_are_equally_wide_on_a_logarithmic_axis():
    line = Series(name="", points=[(1e-3, 1.0), (1e-2, 2.0), (1e-1, 3.0)])
    left, middle, right = places(line_chart("a quantity", [line], log_x=True))
    assert middle - left == pytest.approx(right - middle, abs=0.11)
    left, middle, right = places(line_chart("a quantity", [line]))
    assert right - middle > 5 * (middle - left)


def test_decades_are_equally_high_on_a_logarithmic_axis():
    line = Series(name="", points=[(1.0, 1e-3), (2.0, 1e-2), (3.0, 1e-1)])

    def heights(svg: str) -> list[float]:
        match = re.search(r'points="([^"]+)"', svg)
        assert match
        return [float(dot.split(",")[1]) for dot in match[1].split()]

    svg = line_chart("a quantity", [line], log_y=True)
    low, middle, high = heights(svg)
    assert low > high
    assert low - middle == pytest.approx(middle - high, abs=0.11)
    assert [f">{label}</text>" in svg for label in ("0.001", "0.01", "0.1")] == [True] * 3
    low, middle, high = heights(line_chart("a quantity", [line]))
    assert middle - high > 5 * (low - middle)


def test_logarithmic_ticks():
    assert log_ticks(1e-3, 2.0) == pytest.approx([1e-3, 1e-2, 1e-1, 1.0])
    assert log_ticks(3.0, 60.0) == pytest.approx([5.0, 10.0, 20.0, 50.0])
    assert len(log_ticks(1e-9, 1e3)) <= 8


def test_points_that_are_not_joined_have_no_line():
    svg = line_chart(
        "a quantity", [Series(name="", points=[(0, 1), (1, 2)], marks=True, joined=False)]
    )
    assert svg.count("<circle") == 2
    assert "<polyline" not in svg


def test_the_axis_has_the_names_it_is_given():
    svg = line_chart(
        "a quantity", [Series(name="", points=[(0, 1), (1, 2)])], x_names={0.0: "a<", 1.0: "b"}
    )
    assert ">a&lt;</text>" in svg
    assert ">b</text>" in svg
    assert ">0.5</text>" not in svg.partition("<polyline")[0].rpartition('"end"')[2]


def test_a_chart_as_a_file_is_xml():
    chart = line_chart("a quantity", [Series(name="one & two", points=[(0, 1), (1, 2)])], "a & b")
    root = ElementTree.fromstring(standalone(chart))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "a & b" in [element.text for element in root.iter()]


def test_a_chart_as_a_file_has_a_legend_below_it():
    names = ["one & two", "three"]
    chart = line_chart("a quantity", [Series(name=n, points=[(0, 1), (1, 2)]) for n in names])
    bare, drawn = standalone(chart), standalone(chart, names)
    assert "three" not in re.sub(r'aria-label="[^"]*"', "", bare)
    root = ElementTree.fromstring(drawn)
    texts = {element.text: float(element.get("y", "0")) for element in root.iter()}
    assert set(names) <= set(texts)
    bottom = float(ElementTree.fromstring(bare).get("viewBox", "").split()[3])
    whole = float(root.get("viewBox", "").split()[3])
    assert bottom < texts["one & two"] < texts["three"] < whole


def test_a_marked_value_has_a_line_where_it_lies():
    svg = line_chart(
        "a quantity",
        [Series(name="a", points=[(0.0, 1.0), (4.0, 3.0)])],
        mark=4.0,
        mark_label="<kept>",
    )
    end = re.search(r'points="[^ ]+ ([^,]+),', svg)
    assert end
    assert f'class="mark" x1="{end[1]}" x2="{end[1]}"' in svg
    assert "&lt;kept&gt;" in svg


def test_nearly_equal_values_have_labels_that_differ():
    svg = line_chart(
        "a quantity", [Series(name="a", points=[(0.0, 0.41666666), (1.0, 0.41666668)])]
    )
    labels = re.findall(r'text-anchor="end">([^<]+)<', svg)
    assert len(set(labels)) == len(labels) >= 2


def test_names_are_escaped():
    svg = line_chart("a quantity", [Series(name="<script>", points=[(0, 1), (1, 2)])])
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


def test_a_quantity_and_its_test_share_a_chart():
    rows = [
        {"step": 1, "epoch": 0.5, "loss": 2.0, "lr": 0.1},
        {"step": 2, "epoch": 1.0, "loss": 1.5, "lr": 0.0},
        {"step": 2, "epoch": 1.0, "test_loss": 1.0, "test_accuracy": 0.5},
        {"step": 4, "epoch": 2.0, "test_loss": 0.9, "test_accuracy": 0.6},
    ]
    assert [chart["title"] for chart in charts(rows)] == ["Loss", "Learning rate", "Accuracy"]
    # One dot shows no course.
    assert [chart["title"] for chart in charts(rows[:3])] == ["Loss", "Learning rate"]


def test_embedded_json_cannot_end_its_element():
    value = {"name": "</script ><!--<script>&amp;"}
    text = embedded_json(value)
    assert not set(text) & set("<>&")
    assert json.loads(text) == value


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(8.24, "8.2 s"), (200, "3 min 20 s"), (199.6, "3 min 20 s"), (4320, "1 h 12 min")],
)
def test_seconds(seconds: float, words: str):
    assert seconds_in_words(seconds) == words


def test_a_chart_is_named_and_put_into_words():
    series = [
        Series(name="one", points=[(0.0, 0.25), (1.0, 0.5), (2.0, 0.75)]),
        Series(name="two", points=[(0.5, 0.1), (1.5, 0.2)], joined=False),
    ]
    (label,) = re.findall('aria-label="([^"]*)">', line_chart("Accuracy", series, "epoch"))[:1]
    assert label == (
        "Accuracy over epoch. one: 0.25 at first, 0.75 at last. two: 2 points from 0.1 to 0.2."
    )
    svg = line_chart("Accuracy", series, "epoch", percent=True)
    assert "one: 25 % at first, 75 % at last." in svg
    assert 'text-anchor="end">80 %</text>' in svg


def test_lines_differ_without_their_colours():
    series = [Series(name="", points=[(0, n), (1, n + 1)], marks=True) for n in range(8)]
    drawn = re.findall(r'<g class="series-\d">(.*?)</g>', line_chart("Eight", series))
    looks = {
        (re.search("dasharray[^/]*", each) or [""])[0] + re.findall(r"<(\w+) class", each)[0]
        for each in drawn
    }
    assert len(looks) == 8


def test_the_numbers_of_a_chart_are_below_it():
    points = [(float(n), n / 1000) for n in range(101)]
    series = [
        Series(name="long", points=points),
        Series(name="marked", points=[(50.0, 3.0)], marks=True),
    ]
    table = line_chart("Loss", series, "step").partition("<details")[2]
    rows = [re.findall("<t[hd][^>]*>([^<]*)<", row) for row in re.findall("<tr>.*?</tr>", table)]
    assert rows[0] == ["step", "long", "marked"]
    assert rows[1] == ["0", "0", ""]
    assert rows[-1] == ["100", "0.1", ""]  # the last one is never left out
    assert ["50", "", "3"] in rows or ["50", "0.05", "3"] in rows
    assert 25 <= len(rows) <= 40
    assert "of the chart's points" in table
    few = line_chart("Loss", [Series(name="", points=points[:5])])
    assert few.count("<tr>") == 6
    assert "of the chart's points" not in few
