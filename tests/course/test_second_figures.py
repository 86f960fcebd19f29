"""The figures of lessons 8 to 14: their numbers against the definition, and what they promise."""

import itertools
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from torchcamp.course import lesson
from torchcamp.course.figures import boltzmann, chains, codes, games, machines, recurrence
from torchcamp.data.images import load_images
from torchcamp.data.sequences import load_text
from torchcamp.evaluation.partition import exact_log_partition
from torchcamp.models import rbm, vae
from torchcamp.recipes.train import train
from torchcamp.recipes.trained import load_trained

IMAGES = load_images("digits")


def floats(array: bytes, *shape: int) -> torch.Tensor:
    return torch.frombuffer(bytearray(array), dtype=torch.float32).view(*shape)


# --- Lesson 8 --------------------------------------------------------------------------------------


def trellis_state(**changes: Any) -> dict[str, Any]:
    return {
        "throws": [0, 5, 5, 2],
        "leave_fair": 0.05,
        "leave_loaded": 0.1,
        "six": 0.5,
        "do": "look",
        "seed": 0,
    } | changes


def test_the_trellis_sums_over_all_paths():
    reply, _ = chains.walk_trellis(trellis_state())
    start, move = [0.5, 0.5], [[0.95, 0.05], [0.1, 0.9]]
    emit = [[1 / 6] * 6, [0.1] * 5 + [0.5]]
    throws, total = [0, 5, 5, 2], 0.0
    posterior, best = torch.zeros(4, 2), (0.0, ())
    for path in itertools.product(range(2), repeat=4):
        p = start[path[0]] * emit[path[0]][0]
        for t in range(1, 4):
            p *= move[path[t - 1]][path[t]] * emit[path[t]][throws[t]]
        total += p
        best = max(best, (p, path))
        for t, die in enumerate(path):
            posterior[t, die] += p
    assert reply["logP"] == pytest.approx(math.log(total), abs=1e-4)
    assert tuple(reply["path"]) == best[1]
    assert reply["logJoint"] == pytest.approx(math.log(best[0]), abs=1e-4)
    assert torch.allclose(torch.tensor(reply["both"]), posterior / total, atol=1e-4)
    for name in ("forward", "backward", "forwardFlow", "backwardFlow", "bothFlow"):
        assert torch.tensor(reply[name]).sum(1).tolist() == pytest.approx([1] * len(reply[name]))


def test_new_throws_come_with_their_secret():
    reply, _ = chains.walk_trellis(trellis_state(do="throw", throws=[0] * 200, six=0.95, seed=3))
    sixes = [die for throw, die in zip(reply["throws"], reply["truth"], strict=True) if throw == 5]
    assert sum(sixes) > 0.7 * len(sixes)


def test_rows_are_what_the_path_emits():
    network: Any = load_trained("hmm").network
    figure = chains.row_states(network, IMAGES)
    reply, (_, made, here, _) = figure._answer({"picture": 3, "row": 12})
    expected = chains.to_bytes(network.emission[torch.tensor(reply["path"])])
    assert made == expected
    assert here == expected[12 * 28 : 13 * 28]
    assert reply["joint"] >= reply["nats"]  # one path is part of all paths


# --- Lesson 9 --------------------------------------------------------------------------------------


def test_the_chain_holds_the_upper_half_and_tells_the_free_energy():
    network: Any = load_trained("rbm").network
    chain = boltzmann.Chain(network, IMAGES)
    chain.answer({"do": "example", "clamp": False, "steps": 1})
    begun = chain.start[: 14 * 28].clone()
    reply, (bits, _, _) = chain.answer({"do": "steps", "clamp": True, "steps": 5})
    seen = torch.frombuffer(bytearray(bits), dtype=torch.uint8).float() / 255
    assert torch.equal(seen[: 14 * 28], begun)
    assert reply["numSteps"] == 5
    assert reply["energies"][-1] == pytest.approx(
        rbm.free_energy(network, seen[None]).item(), abs=0.1
    )


def test_the_small_rbm_learns_and_annealing_closes_in():
    small = boltzmann.SmallRBM(IMAGES)
    before = small.curve[-1][1]
    for _ in range(5):
        small.answer({"do": "steps", "steps": 50, "rate": 0.05})
    reply, filters = small.answer({"do": "steps", "steps": 50, "rate": 0.05})
    assert len(filters) == boltzmann.SMALL
    assert reply["curve"][-1][1] > before + 5
    assert reply["logZ"] == pytest.approx(exact_log_partition(small.rbm))
    estimates = small.answer({"do": "anneal", "steps": 0, "rate": 0.05})[0]["estimates"]
    off = [abs(value - reply["logZ"]) for _, value, _ in estimates]
    assert off[-1] < max(0.5, off[0])


# --- Lesson 10 -------------------------------------------------------------------------------------


def test_the_way_between_two_pictures_ends_at_both():
    network: Any = load_trained("vae").network
    figure = codes.latent(network, IMAGES)
    reply, (_, _, moved, between) = figure._answer(dict(figure.state))
    with torch.no_grad():
        mu, logvar = network.encode(IMAGES.test_images[:2].float() / 255)
        ends = torch.sigmoid(network.decode(mu))
    assert between[:784] == chains.to_bytes(ends[0]) == moved  # the sliders stand at its own code
    assert between[-784:] == chains.to_bytes(ends[1])
    assert reply["kl"] == pytest.approx(vae.kl_divergence(mu, logvar).tolist(), rel=1e-3)
    other, _ = figure._answer(dict(figure.state) | {"values": [3.0] * codes.NUM_SLIDERS})
    assert other["values"] == [3.0] * codes.NUM_SLIDERS


def test_a_heavy_kl_makes_the_codes_collapse():
    small = codes.SmallVAE(IMAGES)
    kl = {}
    for weight in (1.0, 100.0):
        small.answer({"do": "reset", "steps": 0, "weight": weight})
        for _ in range(9):
            small.answer({"do": "steps", "steps": 20, "weight": weight})
        reply, _ = small.answer({"do": "steps", "steps": 20, "weight": weight})
        kl[weight] = reply["curve"][-1][2]
    assert kl[1.0] > 1 > 0.1 > kl[100.0]


# --- Lesson 11 -------------------------------------------------------------------------------------


def test_the_price_of_a_picture_is_the_models_own():
    network: Any = load_trained("rnn").network
    figure = recurrence.unrolled(network, IMAGES)
    reply, (rows, _, _, drawn) = figure._answer(dict(figure.state) | {"given": 10})
    picture = (IMAGES.test_images[:1] > 127).float()
    with torch.no_grad():
        assert reply["total"] == pytest.approx(network.nats(picture).item(), rel=1e-3)
    assert sum(reply["nats"]) == pytest.approx(reply["total"], rel=1e-4)
    for n in range(recurrence.NUM_COMPLETIONS):  # the given rows stay
        assert drawn[784 * n : 784 * n + 280] == rows[:280]


def test_the_writer_learns_and_repeats_itself_for_the_same_seed():
    writer = recurrence.Writer(load_text("text"))
    state = {"do": "steps", "steps": 20, "text": "The ", "temperature": 0.8, "seed": 0}
    for _ in range(2):
        writer.answer(state)
    reply, _ = writer.answer(state)
    assert reply["loss"] < reply["guess"] - 1
    again = [writer.answer(state | {"do": "look"})[0]["written"] for _ in range(2)]
    assert again[0] == again[1]
    assert sum(reply["shares"]) <= 1 + 1e-6
    assert writer.answer(state | {"do": "look", "text": "\N{SNOWMAN}"})[0]["typed"] == " "


# --- Lessons 12 and 13 -----------------------------------------------------------------------------


def laboratory(steps: int, **changes: Any) -> tuple[games.Laboratory, dict[str, Any], list[bytes]]:
    lab = games.Laboratory()
    state = {"data": "ring", "faults": [], "gRate": 0.002, "dRate": 0.004, "own": [], "steps": 20}
    reply, arrays = lab.answer(state | changes | {"do": "look"})
    for _ in range(steps // 20):
        reply, arrays = lab.answer(state | changes | {"do": "steps"})
    return lab, reply, arrays


def test_the_game_covers_the_ring_and_collapses_when_d_sleeps():
    _, reply, _ = laboratory(2400)
    assert reply["covered"] >= 7
    assert all(math.isfinite(value) for pair in reply["losses"] for value in pair)
    _, asleep, _ = laboratory(1500, faults=["asleep"])
    assert asleep["covered"] <= 2
    assert asleep["spread"] < 0.5 * reply["spread"]


def test_the_fakes_are_pulled_to_where_d_believes_more():
    lab, _, (_, fakes, pull, _) = laboratory(200)
    fakes, pull = floats(fakes, -1, 2), floats(pull, -1, 2)
    with torch.no_grad():
        moved = lab.d(fakes + 1e-3 * pull / pull.norm(dim=1, keepdim=True).clamp_min(1e-9))
        assert ((moved - lab.d(fakes)) > -1e-6).float().mean() > 0.98


def test_a_fake_that_is_not_detached_changes_the_game():
    plain, broken = (laboratory(20, faults=faults)[0] for faults in ([], ["undetached"]))
    gap = max(
        (p - q).abs().max().item()
        for p, q in zip(plain.g.parameters(), broken.g.parameters(), strict=True)
    )
    assert gap > 1e-3


def test_points_drawn_by_hand_are_the_data():
    lab = games.Laboratory()
    state = {"data": "own", "faults": [], "gRate": 0.01, "dRate": 0.01, "own": [], "steps": 5}
    assert lab.answer(state | {"do": "steps"})[0]["empty"]
    reply, arrays = lab.answer(state | {"do": "steps", "own": [[1.0, 1.5], [1.1, 1.4]]})
    assert not reply["empty"]
    assert reply["numSteps"] == 5
    assert floats(arrays[3], -1, 2).tolist() == [[1.0, 1.5], pytest.approx([1.1, 1.4])]


def test_the_walk_through_noise_stays_normal():
    for share in (0.0, 0.3, 1.0):
        z = games.walk(0, 4000, share, 5)
        assert z.mean().item() == pytest.approx(0, abs=0.05)
        assert z.std().item() == pytest.approx(1, abs=0.05)
    # The end of one walk is the beginning of the next.
    assert torch.allclose(games.walk(1, 3, 0.0, 5), games.walk(0, 3, 1.0, 5), atol=1e-5)


def test_a_column_is_one_noise_and_what_is_asked_for_is_drawn():
    network: Any = load_trained("cgan").network
    figure = games.draw_classes(network, IMAGES, conditional=True)
    reply, (grid, wanted) = figure._answer(dict(figure.state) | {"asked": "31x4"})
    assert reply["asked"] == [3, 1, 4]
    assert len(wanted) == 3 * 784
    with torch.no_grad():
        z = games.walk(0, 8, 0.0, network.config.latent_dim)
        again = network(z[2:3].expand(2, -1), torch.tensor([0, 7]))
    cells = [grid[784 * (8 * row + 2) :][:784] for row in (0, 7)]
    for cell, picture in zip(cells, again, strict=True):
        shown = torch.frombuffer(bytearray(cell), dtype=torch.uint8).float() / 255
        assert torch.allclose(shown, picture.flatten(), atol=0.01)
    assert reply["agreement"] > 0.9


def test_a_frame_changes_only_as_the_generator_does():
    studio = games.Studio(IMAGES)
    look = {"do": "look", "steps": 4}
    assert studio.answer(look)[1] == studio.answer(look)[1]
    assert studio.answer(look | {"do": "steps"})[1] != games.Studio(IMAGES).answer(look)[1]


# --- Lesson 14 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["sizes", "batches", "threads", "precision"])
def test_a_race_measures(key: str):
    threads = torch.get_num_threads()
    reply, _ = machines.race(load_trained("cnn").network)._answer({"do": key})
    assert len(reply["bars"]) >= 3
    assert all(bar["seconds"] > 0 for bar in reply["bars"])
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("name", list(machines.scripts()))
def test_each_wrong_line_stands_once_in_a_script_that_runs(name: str):
    entry = machines.scripts()[name]
    lines = [line.strip() for line in entry["source"].splitlines()]
    assert len(entry["wrong"]) >= 2
    for wrong in entry["wrong"]:
        assert lines.count(wrong["line"]) == 1
    done = subprocess.run([sys.executable, str(machines.SCRIPTS / f"{name}.py")], timeout=120)
    assert done.returncode == 0


def test_every_script_is_asked_about():
    on_disk = {path.stem for path in machines.SCRIPTS.glob("*.py")}
    assert on_disk == set(machines.scripts())


def test_a_wrong_line_is_told_from_a_right_one():
    figure = machines.find_line()
    lines = machines.scripts()["plain_gan"]["source"].splitlines()
    number = next(n for n, line in enumerate(lines) if "torch.rand(len(real)" in line)
    reply, _ = figure._answer({"script": "plain_gan", "line": number})
    assert reply["verdict"] == "wrong"
    assert "uniform noise" in reply["words"]
    assert figure._answer({"script": "plain_gan", "line": number + 1})[0]["verdict"] == "right"


def test_reading_in_the_page_says_why_it_cannot(tmp_path: Path):
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.a = nn.Linear(3, 2)\n\n"
        "    def forward(self, x):\n        return self.a(x)\n"
    )
    reply = machines.read_page("net.py:Net", "4x3", "", tmp_path)
    assert "self.a(x)" in reply["page"]
    assert reply["words"].endswith("torchcamp read net.py:Net --input 4x3")
    missing = machines.read_page("net.py:Nat", "4x3", "", tmp_path)
    assert missing["page"] == ""
    assert "Net" in missing["words"]


def test_only_runs_on_digits_are_shown(
    tmp_path: Path, idx_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """The figures show digits: a learner may have trained on something else meanwhile."""
    monkeypatch.setattr(lesson, "workspace", lambda: tmp_path)
    for name, data in (("hmm", "dice"), ("mlp", f"idx:{idx_folder}")):
        train(name, data=data, epochs=1, out=tmp_path / "runs", device="cpu")
        trained, words = lesson.own(name)
        assert trained.shipped
        assert words.startswith(f"the {name.upper()} that ships")
    train("gan", data="digits", epochs=1, preset="lecture", out=tmp_path / "runs", device="cpu")
    trained, words = lesson.own("gan")
    assert not trained.shipped
    assert words.startswith("your GAN: gan-")
    figure = games.draw_classes(trained.network, IMAGES, conditional=False)
    assert sum(figure.opening["counts"]) == games.NUM_DRAWS

    # Where there are two, the newest of one's own comes first, and what ships can be chosen.
    both = lesson.whose("gan")
    assert lesson.choice(both) is both
    chosen, words = lesson.shown(both)
    assert not chosen.shipped
    assert list(both.options) == [words, "the GAN that ships"]
    only = lesson.whose("hmm")
    assert "the HMM that ships" in lesson.choice(only).text
    assert lesson.shown(only)[0].shipped

    # One that is broken is named, and the page goes on with what ships.
    weights = chosen.weights.read_bytes()
    for broken in (weights[: len(weights) // 2], load_trained("vae").weights.read_bytes()):
        chosen.weights.write_bytes(broken)
        trained, words = lesson.own("gan")
        assert trained.shipped
        assert words.startswith("the GAN that ships (your gan-")
        assert "could not be loaded" in words
