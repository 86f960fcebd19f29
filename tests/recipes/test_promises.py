"""What single recipes promise beside their training."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from torchcamp.data.images import load_images
from torchcamp.evaluation.log_partition import LogPartition
from torchcamp.models import hmm as hmm_model
from torchcamp.models import vae as vae_model
from torchcamp.recipes import hmm, rbm, rnn, vae
from torchcamp.recipes.registry import find_recipe
from torchcamp.recipes.trained import load_trained

DIGITS = load_images("digits").first(40)


@pytest.mark.parametrize(("forward", "reverse"), [(500.0, 510.0), (510.0, 500.0)])
def test_of_both_directions_of_annealing_the_worse_is_the_claim(
    monkeypatch: pytest.MonkeyPatch, forward: float, reverse: float
):
    for name, value in (
        ("annealed_log_partition", forward),
        ("reverse_annealed_log_partition", reverse),
    ):
        estimate = LogPartition(value=value, error=0.1)
        monkeypatch.setattr(rbm, name, lambda *args, estimate=estimate, **numbers: estimate)
    recipe: Any = rbm.RBMRecipe(
        model=rbm.rbm.RBMConfig(num_hidden=4, num_chains=4), num_sample_steps=1
    )
    network = recipe.network()
    measures = recipe.evaluate(network, DIGITS).measures
    energies = network(rbm.as_bits(DIGITS.binarised().test_images).flatten(1))
    values = [measures[name].value for name in ("nats", "nats_ais", "nats_reverse_ais")]
    expected = [energies.mean().item() + z for z in (510.0, forward, reverse)]
    assert values == pytest.approx(expected, rel=1e-5)


def test_states_of_an_hmm_begin_at_training_rows_and_the_mean_row_of_their_height():
    network = hmm_model.HMM(hmm_model.HMMConfig(num_states=40))
    bits = DIGITS.binarised()
    rows, _ = hmm.as_rows(bits.train_images)
    hmm.start_at_rows(network, bits, 1.0)
    for state in range(40):
        seen = rows[:, state % 28].clamp(0.01, 0.99)
        assert bool((network.emission[state] == seen).all(dim=1).any())
    hmm.start_at_rows(network, bits, 0.25)
    means = rows.mean(dim=0)
    begun = (network.emission - 0.75 * means[torch.arange(40) % 28]) / 0.25
    inside = (network.emission > 0.011) & (network.emission < 0.989)
    assert bool(((begun[inside].abs() < 1e-4) | ((begun[inside] - 1).abs() < 1e-4)).all())


def test_the_rate_of_an_hmm_falls_to_its_floor():
    recipe = hmm.RowHMMRecipe(
        model=hmm_model.HMMConfig(num_states=3), batch_size=20, decay=1.0, least_rate=0.3
    )
    rate = recipe.build(torch.device("cpu"), DIGITS).state["rate"]
    seen = []
    for _ in range(4):
        seen.append(rate.value.item())
        rate.step()
    assert seen == pytest.approx([1 / 2, 1 / 3, 0.3, 0.3])


def test_each_window_of_a_text_begins_with_the_last_character_of_the_one_before():
    windows = rnn.text_windows(torch.arange(12), 4)
    assert windows.tolist() == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8]]


def test_bits_of_a_vae_are_white_with_the_probability_that_the_decoder_gives():
    recipe: Any = vae.VAERecipe(model=vae_model.VAEConfig(hidden_dim=4, latent_dim=2))
    network = recipe.network()
    with torch.no_grad():
        network.to_logits.weight.zero_()
        network.to_logits.bias.copy_(torch.tensor(0.2).logit().expand(784))
    bits, _ = recipe.draw(network, 50, torch.Generator().manual_seed(0))
    assert set(bits.unique().tolist()) == {0.0, 1.0}
    assert bits.mean().item() == pytest.approx(0.2, abs=0.01)  # 5 standard errors


def test_another_files_neighbour_of_the_same_name_is_not_mistaken_for_its_own(tmp_path: Path):
    for name, rate in (("one", 0.25), ("two", 0.5)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shared_rates.py").write_text(f"RATE = {rate}\n")
        (tmp_path / name / "recipe.py").write_text(
            "from dataclasses import replace\nfrom shared_rates import RATE\n"
            "from torchcamp.recipes import cnn\n"
            "def mine():\n    return replace(cnn.default(), lr=RATE)\n"
        )
    rates = [find_recipe(f"{tmp_path}/{name}/recipe.py:mine") for name in ("one", "two")]
    assert [getattr(recipe, "lr", None) for recipe in rates] == [0.25, 0.5]
    assert "shared_rates" not in sys.modules
    assert str(tmp_path / "one") not in sys.path


@pytest.mark.parametrize("name", ["cnn", "gan"])
def test_a_loaded_network_is_in_eval_mode(name: str):
    network = load_trained(name).network
    assert not any(part.training for part in network.modules())
