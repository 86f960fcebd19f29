"""The schematic pictures: everything named is there, and nothing lies on anything else."""

import base64
import copy
import itertools
import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Browser, Page

from torchcamp.base.wire import JsonObject
from torchcamp.data.images import Images, load_images
from torchcamp.figures.feature_maps import see
from torchcamp.figures.hmm import walk_trellis
from torchcamp.figures.schemas import (
    activations,
    autograd,
    cgan,
    cnn,
    convolution,
    devices,
    gan,
    hmm,
    losses,
    mlp,
    own_model,
    rbm,
    reading,
    rnn,
    tensors,
    vae,
)
from torchcamp.figures.schemas.drawing import NARROW, WIDE, Drawing, bottom
from torchcamp.models.gan import Discriminator
from torchcamp.models.vae import kl_divergence
from torchcamp.recipes.trained import load_trained
from torchcamp.widgets.figure import script, style


@cache
def digits() -> Images:
    return load_images("digits")


# Lesson -> its drawing of an example.
DRAWN: dict[str, Callable[[int], Drawing]] = {
    "gan": lambda example: gan.draw(load_trained("gan").network, digits(), example),
    "cgan": lambda example: cgan.draw(load_trained("cgan").network, digits(), example),
    "devices": lambda example: devices.draw({8: 1.4e-6, 1024: 0.0227}),
    "reading": lambda example: reading.draw(),
    "own_model": lambda example: own_model.draw(),
    "activations": activations.draw,
    "autograd": autograd.draw,
    "losses": losses.draw,
    "tensors": lambda example: tensors.draw(tensors.one_layer(digits()), digits(), example),
    "cnn": lambda example: cnn.draw(load_trained("cnn").network, digits(), example),
    "rbm": lambda example: rbm.draw(load_trained("rbm").network, digits(), example),
    "vae": lambda example: vae.draw(load_trained("vae").network, digits(), example),
    "rnn": lambda example: rnn.draw(rnn.trained_reader(), example),
    "gated cell": lambda example: rnn.draw_gated(load_trained("rnn").network, digits(), example),
    "mlp": lambda example: mlp.draw(load_trained("mlp").network, digits(), example),
    "convolution": lambda example: convolution.draw(load_trained("cnn").network, digits(), example),
    "hmm": lambda example: hmm.draw(),
}


@cache
def drawn(name: str) -> JsonObject:
    return DRAWN[name](0).as_json()


@pytest.mark.parametrize("name", DRAWN)
def test_the_steps_say_something_and_light_something(name: str):
    steps = drawn(name)["steps"]
    assert 3 <= len(steps) <= 12
    assert all(step["title"] and 20 <= len(step["words"]) <= 420 and step["lit"] for step in steps)
    assert len({step["title"] for step in steps}) == len(steps)


@pytest.mark.parametrize("name", DRAWN)
def test_parts_and_lines_of_code_light_each_other(name: str):
    drawing = drawn(name)
    linked = [part for part in drawing["parts"] if part["lines"]]
    assert len(linked) >= 3 or not drawing["code"]
    assert all(line < len(drawing["code"]) for part in linked for line in part["lines"])


@pytest.mark.parametrize("place", ["at", "narrow"])
@pytest.mark.parametrize("name", DRAWN)
def test_nothing_lies_on_anything_else(name: str, place: str):
    """On the page and on a phone, at every step: inside the drawing, and side by side."""
    drawing = drawn(name)
    width = WIDE if place == "at" else NARROW
    for step in drawing["steps"]:
        parts = [{**part, **step["changes"].get(part["name"], {})} for part in drawing["parts"]]
        boxes = {
            p["name"]: extent(p, place) for p in parts if not p.get("hidden") and not p.get("over")
        }
        for box in boxes.values():
            assert min(box) >= 0, box
            assert box[2] <= width, box
        for (one, a), (other, b) in itertools.combinations(boxes.items(), 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, f"{step['title']}: {one} {a} lies on {other} {b}"


IN_PAGE = """
<!doctype html><style>%(style)s</style><div id="here"></div>
<script type="module">
const { default: widget } = await import("data:text/javascript;base64,%(script)s");
window.show = (opening) => {
  const here = document.getElementById("here");
  here.replaceChildren();
  const values = { opening, arrays: [], state: { example: 0 }, setup: { examples: 1 }, texts: {} };
  const texts = new Proxy({}, { get: () => "" });
  const model = { get: (name) => ({ ...values, texts })[name], on() {}, off() {}, send() {} };
  widget.render({ model, el: here });
};
// Labels of arrows that lie on a part or on a line, step by step.
window.misplaced = (opening) => {
  show(opening);
  const found = [];
  for (const step of opening.steps) {
    const labels = [...document.querySelectorAll(".arrow > text")];
    for (const label of labels) {
      const box = label.getBoundingClientRect();
      const [left, right, top, bottom] = [box.left + 1, box.right - 1, box.top + 3, box.bottom - 3];
      const covers = (x, y) => x > left && x < right && y > top && y < bottom;
      for (const part of document.querySelectorAll(".part > *")) {
        const other = part.getBoundingClientRect();
        if (other.left < right && other.right > left && other.top < bottom && other.bottom > top)
          found.push(`${step.title}: ${label.textContent} on ${part.parentNode.dataset.name}`);
      }
      for (const other of labels) {
        const at = other.getBoundingClientRect();
        if (other !== label && at.left < right && at.right > left && at.top < bottom && at.bottom > top)
          found.push(`${step.title}: ${label.textContent} on ${other.textContent}`);
      }
      for (const path of document.querySelectorAll(".arrow > path")) {
        const toPage = path.getScreenCTM();
        for (let at = 0; at <= path.getTotalLength(); at += 1) {
          const { x, y } = path.getPointAtLength(at).matrixTransform(toPage);
          if (!covers(x, y)) continue;
          found.push(`${step.title}: ${label.textContent} on an arrow`);
          break;
        }
      }
    }
    document.querySelectorAll(".controls button")[1].click();
  }
  return [...new Set(found)];
};
// Step by step, the place of Next, and how much of the picture's height is blank above and below.
window.blanks = (opening) => {
  show(opening);
  const next = document.querySelectorAll(".controls button")[1];
  return opening.steps.map(() => {
    const svg = document.querySelector(".canvas > svg");
    const drawn = [...svg.querySelectorAll(".part, .arrow")].map((each) => each.getBoundingClientRect());
    const [all, top] = [svg.getBoundingClientRect(), next.getBoundingClientRect().top];
    const above = Math.min(...drawn.map((each) => each.top)) - all.top;
    const below = all.bottom - Math.max(...drawn.map((each) => each.bottom));
    next.click();
    return [top, above, below];
  });
};
document.body.dataset.ready = "true";
</script>"""


@pytest.fixture(scope="module")
def canvas(browser: Browser) -> Iterator[Page]:
    """A page with functions that draw a picture and look at it."""
    page = browser.new_page()
    joined = base64.b64encode(script("schema").encode()).decode()
    page.set_content(IN_PAGE % {"style": style("schema"), "script": joined})
    page.locator("body[data-ready]").wait_for(state="attached")
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1000])
@pytest.mark.parametrize("name", DRAWN)
def test_the_words_of_an_arrow_lie_on_nothing(canvas: Page, name: str, width: int):
    canvas.set_viewport_size({"width": width, "height": 900})
    assert canvas.evaluate("drawing => misplaced(drawing)", drawn(name)) == []


@pytest.mark.browser
@pytest.mark.parametrize("name", ["hmm", "rbm", "vae"])  # whose first steps hide much
def test_on_a_phone_no_step_leaves_a_band_blank_and_the_buttons_stay(canvas: Page, name: str):
    canvas.set_viewport_size({"width": 390, "height": 900})
    steps = canvas.evaluate("drawing => blanks(drawing)", drawn(name))
    assert len({top for top, _, _ in steps}) == 1
    assert all(0 <= above < 25 and 0 <= below < 25 for _, above, below in steps), steps


def extent(part: JsonObject, place: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom, with the words above and below; 6.3 units for a letter."""
    (x, y), (width, height) = part[place], part["size"]
    if place == "narrow":
        width, height = part.get("narrowSize", part["size"])
    words = [part.get("label", "")] + ([] if part["kind"] == "box" else [part.get("detail", "")])
    half = max(width / 2, *(6.3 * len(each) / 2 for each in words))
    above = 20 if part.get("label") else 0
    return x - half, y - height / 2 - above, x + half, bottom(part, place)


@pytest.mark.parametrize("name", DRAWN)
def test_words_fit_into_their_boxes(name: str):
    for part in drawn(name)["parts"]:
        if part["kind"] in ("box", "unit"):
            widest = max(7.6 * len(part["text"]), 6.2 * len(part.get("detail", "")))
            assert widest <= part["size"][0] + 4, part["name"]


def test_the_cnn_says_what_the_network_says():
    network = load_trained("cnn").network
    picture = digits().test_images[3].float() / 255
    probs = see(network, picture).probs
    words = DRAWN["cnn"](3).as_json()["steps"][-1]["words"]
    assert f"with {100 * float(probs.max()):.2f} %" in words
    assert f"−ln {float(probs[int(digits().test_labels[3])]):.4f}" in words


@pytest.mark.parametrize(("example", "gradient"), [(0, "7"), (1, "-1"), (2, "2")])
def test_the_tape_adds_up_to_the_slope(example: int, gradient: str):
    assert f"2a + 1 = {gradient}." in autograd.draw(example).as_json()["steps"][-1]["words"]


def test_the_lectures_penguin():
    """The lecture's slide: the network gives the penguin 0.01, the loss is -ln 0.01 = 4.605."""
    drawing = losses.draw(0).as_json()
    assert "−ln 0.0100 = 4.605" in drawing["steps"][2]["words"]
    (curve,) = (part for part in drawing["parts"] if part["kind"] == "curve")
    assert curve["points"][curve["mark"]] == (0.01, -math.log(0.01))


def test_the_layer_is_fitted_and_its_highest_score_adds_up():
    network = tensors.one_layer(digits()).requires_grad_(False)
    assert tensors.share_right(network, digits()) > 0.8
    for example in range(tensors.NUM_EXAMPLES):
        scores = network(digits().test_images[example : example + 1].float() / 255)[0]
        words = tensors.draw(network, digits(), example).as_json()["steps"][-1]["words"]
        product, bias, total = map(float, re.findall(r"-?\d\.\d\d", words))
        assert product + bias == pytest.approx(total)
        assert total == pytest.approx(float(scores.max()), abs=0.006)
        is_right = int(scores.argmax()) == int(digits().test_labels[example])
        assert is_right == ("which is right" in words)


def test_the_marked_cell_of_memory_is_the_pixel():
    step = drawn("tensors")["steps"][2]
    row, column, cell = map(
        int, re.findall(r"row (\d+), column (\d+) lies in cell.*= (\d+):", step["words"])[0]
    )
    picture = digits().test_images[0, 0]
    assert picture.flatten()[cell] == picture[row, column]
    assert picture.stride() == (28, 1)


def test_the_dot_stands_on_the_bend_at_the_sum():
    for example, x in enumerate(activations.INPUTS):
        total = 0.8 * x[0] + 0.6 * x[1] + x[2] - 0.2
        drawing = activations.draw(example).as_json()
        (curve,) = (part for part in drawing["parts"] if part["kind"] == "curve")
        assert curve["points"][curve["mark"]] == pytest.approx((total, max(0, total)))
        assert curve["slope"] == (total > 0)
        straight = drawing["steps"][-1]["changes"]["bend"]["points"]
        assert straight[curve["mark"]] == pytest.approx((total, total))


def test_two_layers_without_a_bend_are_one():
    """The sentence of the last step: 2 (0.8 x1 + 0.6 x2 + x3 - 0.2) + 0.5 as one sum of the inputs."""
    for example, x in enumerate(activations.INPUTS):
        one = 1.6 * x[0] + 1.2 * x[1] + 2 * x[2] + 0.1
        words = activations.draw(example).as_json()["steps"][-1]["words"]
        assert f"= {one:.1f}. But that is 1.6 x₁" in words.replace("−", "-")


def test_the_rbm_draws_what_its_probabilities_allow():
    """The chosen hidden bit's pull, its probability, and the energies that the words tell."""
    machine: Any = load_trained("rbm").network
    v = (digits().test_images[2] > 127).float().flatten()[None]
    steps = DRAWN["rbm"](2).as_json()["steps"]
    told = re.search(r"pull of (\S+)\. The.*= (\d\.\d\d)\.", steps[1]["words"])
    assert told
    pull = float(told[1].replace("−", "-"))
    assert float(torch.sigmoid(torch.tensor(pull))) == pytest.approx(float(told[2]), abs=0.01)
    pulls = (v @ machine.weight + machine.hidden_bias).detach()
    assert float((pulls - pull).abs().min()) < 0.006
    energies = re.findall(r"[−\d,]*\d{3}", steps[-1]["words"])
    own, with_snow = (float(each.replace("−", "-").replace(",", "")) for each in energies)
    assert own < 0 < with_snow


def test_the_terms_of_the_vae_add_up():
    model: Any = load_trained("vae").network
    with torch.no_grad():
        mu, logvar = model.encode(digits().test_images[1:2].float() / 255)
    kl = float(kl_divergence(mu, logvar))
    numbers = re.findall(r"\d+\.\d", DRAWN["vae"](1).as_json()["steps"][7]["words"])
    reconstruction, price, loss = map(float, numbers)
    assert price == pytest.approx(kl, abs=0.06)
    assert loss == pytest.approx(reconstruction + price, abs=0.11)


def test_the_prices_of_a_word_are_its_log_probability():
    reader = rnn.trained_reader()
    with torch.no_grad():
        for word in rnn.WORDS:
            _, _, prices = rnn.read_word(reader, word)
            assert float(sum(prices)) == pytest.approx(math.log(3), abs=0.05)


def test_the_share_that_the_discriminator_tells_apart_is_counted(
    monkeypatch: pytest.MonkeyPatch,
):
    """A generator that was never trained is seen through; who says "real" to all is right by half."""
    trained = load_trained("gan").network
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        fresh = type(trained)(trained.config).eval()
    assert gan.told_apart(fresh, digits()) > 0.9
    assert type(gan.taught(trained, digits())) is Discriminator  # it judges single pictures, too
    monkeypatch.setattr(gan, "taught", lambda *_: lambda pictures: torch.ones(len(pictures)))
    assert gan.told_apart(fresh, digits()) == 0.5


def test_what_is_said_of_that_share_is_true_of_it_and_of_the_data():
    network = load_trained("gan").network  # which learnt from MNIST
    of_digits = gan.verdict(gan.told_apart(network, digits()), "mnist", digits().name)
    assert "sees a difference at once" in of_digits
    assert "learnt from mnist" in of_digits
    assert "come from digits" in of_digits
    assert "still guesses" in gan.verdict(0.49, "mnist", "mnist")
    assert "sees a difference already" in gan.verdict(0.9, "digits", "digits")


def test_the_mlp_shows_a_real_step():
    """The weight's gradient is that of the loss, and the step is plain gradient descent."""
    network: Any = load_trained("mlp").network
    index = int(mlp.hardest(network, digits())[0])
    picture, label = digits().test_images[index].float() / 255, int(digits().test_labels[index])
    before = {name: value.clone() for name, value in network.state_dict().items()}
    step = mlp.one_step(network, picture, label)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert step.gradient == pytest.approx(
        float(step.difference[label]) * float(step.hidden[1][step.unit]), rel=1e-4
    )
    moved = copy.deepcopy(network)
    loss = F.cross_entropy(moved(picture[None]), torch.tensor([label]))
    loss.backward()
    torch.optim.SGD(moved.parameters(), lr=mlp.RATE).step()
    assert step.loss == pytest.approx(loss.item(), rel=1e-5)
    assert step.weight_after == pytest.approx(
        moved.output.weight[label, step.unit].item(), abs=1e-6
    )
    after = moved(picture[None]).softmax(dim=1)[0, label].item()
    assert float(step.probs_after[label]) == pytest.approx(after, abs=1e-5)
    words = " ".join(each["words"] for each in drawn("mlp")["steps"])
    assert f"= {mlp.number(step.weight_after, 4)}. All" in words
    assert f"{100 * after:.1f} % instead of {100 * float(step.probs[label]):.1f} %" in words


def test_the_convolution_is_what_its_code_computes():
    output = torch.zeros(convolution.OUT, convolution.OUT)
    names = {
        "F": F, "nn": torch.nn, "picture": convolution.PICTURE, "weight": convolution.WEIGHT,
        "bias": convolution.BIAS, "output": output, "pictures": torch.zeros(2, 1, 28, 28),
        "k": convolution.KERNEL, "p": convolution.PADDING, "s": convolution.STRIDE, "o": convolution.OUT,
    }  # fmt: skip
    exec(convolution.CODE, names)
    assert names["maps"].shape == (2, 16, 14, 14)
    steps = drawn("convolution")["steps"]
    assert steps[-1]["changes"]["output"]["values"] == output.tolist()
    assert f"= {convolution._number(output[0, 1].item())}." in steps[4]["words"]


def test_the_chain_says_what_all_of_its_paths_add_up_to():
    reply, _ = walk_trellis({"throws": hmm.THROWS, "do": "look", "seed": 0} | hmm.CASINO)
    assert hmm.likelihood() == pytest.approx(math.exp(reply["logP"]), rel=1e-4)
    arriving, joint = hmm.joints(reply["forward"][0], hmm.THROWS[1])
    assert sum(arriving) == pytest.approx(1)
    assert sum(joint) == pytest.approx(reply["scales"][1], rel=1e-4)
    words = " ".join(each["words"] for each in drawn("hmm")["steps"])
    assert f"= {hmm.likelihood():.5f}" in words
    assert f"Sum {reply['scales'][1]:.3f}" in words


def test_what_is_named_and_not_drawn_is_refused():
    drawing = Drawing(summary="s", code=("y = f(x)",))
    drawing.box("f", "f", (50, 50), (50, 50), lines=["f(x)"])
    assert drawing.as_json()["parts"][0]["lines"] == [0]
    with pytest.raises(ValueError, match="two parts are named 'f'"):
        drawing.unit("f", "f", (50, 50), (50, 50))
    drawing.step("one", "words", ["g"])
    with pytest.raises(ValueError, match="the step 'one' names 'g'"):
        drawing.as_json()
    drawing.steps.clear()
    drawing.arrow("f", "h")
    with pytest.raises(ValueError, match="an arrow names 'h'"):
        drawing.as_json()
    drawing.arrows.clear()
    drawing.cells("v", torch.ones(3), (90, 50), (90, 50), lines=["g(x)"])
    with pytest.raises(ValueError, match=r"v: no line of the code holds 'g\(x\)'"):
        drawing.as_json()
