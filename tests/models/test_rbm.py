"""The RBM against enumeration: energies, the gradient, the partition function, the samples."""

import functools
import itertools
from pathlib import Path

import pytest
import torch
from torch import Tensor

from torchcamp.evaluation.log_partition import (
    annealed_log_partition,
    exact_log_partition,
    reverse_annealed_log_partition,
    temperatures,
)
from torchcamp.models import rbm
from torchcamp.reading.shapes import check_shapes

V, H = 5, 3


def make(seed: int = 0, visible: int = V, hidden: int = H, scale: float = 1.0) -> rbm.RBM:
    torch.manual_seed(seed)
    config = rbm.RBMConfig(num_visible=visible, num_hidden=hidden, num_chains=6)
    network = rbm.RBM(config).double()
    for parameter in network.parameters():
        parameter.data.normal_(std=scale)
    return network


def all_bits(count: int) -> Tensor:
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=count)), dtype=torch.float64)


def enumerated_log_partition(network: rbm.RBM) -> Tensor:
    """log of the sum of exp(-E) over every pair of visible and hidden bits."""
    pairs = list(
        itertools.product(all_bits(network.config.num_visible), all_bits(network.config.num_hidden))
    )
    visible = torch.stack([v for v, _ in pairs])
    hidden = torch.stack([h for _, h in pairs])
    return (-rbm.energy(network, visible, hidden)).logsumexp(0)


def test_the_free_energy_sums_the_hidden_bits_out():
    network = make()
    for visible in all_bits(V):
        hidden = all_bits(H)
        energies = rbm.energy(network, visible.expand(len(hidden), -1), hidden)
        expected = -(-energies).logsumexp(0)
        assert torch.allclose(rbm.free_energy(network, visible[None]), expected)
        assert torch.equal(network(visible[None]), rbm.free_energy(network, visible[None]))


def test_conditionals_are_ratios_of_joint_probabilities():
    network, visible, hidden = make(), all_bits(V), all_bits(H)
    joint = torch.stack(
        [torch.exp(-rbm.energy(network, v.expand(len(hidden), -1), hidden)) for v in visible]
    )  # (2^V, 2^H)
    p_hidden = joint / joint.sum(dim=1, keepdim=True)
    assert torch.allclose(network.hidden_probs(visible), p_hidden @ hidden)
    p_visible = joint.T / joint.T.sum(dim=1, keepdim=True)
    assert torch.allclose(network.visible_probs(hidden), p_visible @ visible)


def test_the_partition_function_by_hidden_units_equals_the_one_by_pairs():
    network = make()
    assert exact_log_partition(network) == pytest.approx(
        enumerated_log_partition(network).item(), rel=1e-12
    )


@pytest.mark.parametrize("centred", [False, True])
def test_with_the_model_enumerated_the_update_is_the_gradient_of_the_likelihood(centred: bool):
    """Statistics whose model side is exact: autograd on mean F(v) + log Z must agree.

    The centred gradient differs from the plain one, but by a matrix that only mixes weights with
    biases: both vanish together and both go uphill.
    """
    network = make()
    data = all_bits(V)[[1, 5, 7, 30]]
    loss = network(data).mean() + enumerated_log_partition(network)
    gradients = torch.autograd.grad(loss, list(network.parameters()))
    with torch.no_grad():
        every = all_bits(V)
        p = torch.exp(-network(every) - enumerated_log_partition(network))
        assert p.sum().item() == pytest.approx(1)
        model = every * p[:, None]
        hidden_data, hidden_model = network.hidden_probs(data), network.hidden_probs(every)
        sums = {
            "products": data.T @ hidden_data - 4 * model.T @ hidden_model,
            "visible_data": data.sum(0),
            "visible_model": 4 * model.sum(0),
            "hidden_data": hidden_data.sum(0),
            "hidden_model": 4 * (p @ hidden_model),
            "num_images": torch.tensor(4.0, dtype=torch.float64),
        }
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0)
    rbm.update(network, optimizer, sums, centred=centred)
    ours = [parameter.grad for parameter in network.parameters()]
    if not centred:
        for mine, expected in zip(ours, gradients, strict=True):
            assert mine is not None
            assert torch.allclose(mine, expected)
    else:
        dot = sum((a * b).sum() for a, b in zip(ours, gradients, strict=True) if a is not None)
        assert float(dot) > 0
        mu, offset = network.visible_mean, network.hidden_mean
        weight, visible, hidden = gradients
        expected = weight - torch.outer(mu, hidden) - torch.outer(visible, offset)
        assert ours[0] is not None
        assert torch.allclose(ours[0], expected)
        assert ours[1] is not None
        assert torch.allclose(ours[1], visible - expected @ offset)
        assert ours[2] is not None
        assert torch.allclose(ours[2], hidden - mu @ expected)


def test_cd_begins_at_the_data_and_pcd_goes_on():
    network = make(scale=3.0).float()
    images = all_bits(V)[:8].float()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0)
    chains = network.chains
    rbm.train_step(network, optimizer, images)
    assert chains is network.chains
    assert set(chains.unique().tolist()) <= {0.0, 1.0}
    before = chains.clone()
    rbm.train_step(network, optimizer, images, persistent=False)
    assert torch.equal(chains, before)
    torch.manual_seed(0)
    for _ in range(50):
        rbm.statistics(network, images, chains)
    # After many steps the chains are samples of the model, wherever they began.
    samples = []
    for _ in range(4000):
        rbm.statistics(network, images, chains)
        samples.append(chains.clone())
    p = torch.exp(-network.double()(all_bits(V)) - enumerated_log_partition(network)).detach()
    expected = p @ network.hidden_probs(all_bits(V))
    assert torch.allclose(torch.cat(samples).double().mean(0), expected, atol=0.05)


def test_statistics_of_chunks_add_up():
    network = make().float()
    images = (torch.rand(6, V) > 0.5).float()
    sums = rbm.statistics(network, images)
    assert sums["num_images"].item() == 6
    assert torch.allclose(sums["visible_data"], images.sum(0))
    assert torch.allclose(sums["hidden_data"], network.hidden_probs(images).sum(0))


def test_more_chains_than_images_weigh_less():
    network = make(scale=0.0).float()
    images = torch.ones(2, V)
    sums = rbm.statistics(network, images, torch.zeros(1000, H))
    assert sums["visible_model"].mean().item() == pytest.approx(1.0, abs=0.15)  # half of two images


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("persistent", [False, True])
def test_training_finds_the_likelihood_of_the_model_that_drew_the_data(
    centred: bool, persistent: bool
):
    teacher = make(5).float()
    data = rbm.sample(teacher, 1000, num_gibbs_steps=50)
    best = teacher(data).mean().item() + exact_log_partition(teacher)
    student = rbm.RBM(rbm.RBMConfig(num_visible=V, num_hidden=H + 1, num_chains=100))
    optimizer = torch.optim.SGD(student.parameters(), lr=0.1)

    def nats() -> float:
        return student(data).mean().item() + exact_log_partition(student)

    before = nats()
    for _ in range(1500):
        rbm.train_step(student, optimizer, data, persistent=persistent, centred=centred)
    assert before > best + 0.3
    assert nats() < best + 0.02


# --- Annealing -------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [4, 20])
def test_annealing_in_both_directions_finds_the_exact_partition_function(hidden: int):
    network = make(1, visible=30, hidden=hidden, scale=0.5).float()
    exact = exact_log_partition(network)
    mean = torch.full((30,), 0.4)
    for estimate in (annealed_log_partition, reverse_annealed_log_partition):
        got = estimate(
            network, mean, num_temperatures=1000, generator=torch.Generator().manual_seed(0)
        )
        assert abs(got.value - exact) < 0.1
        assert abs(got.value - exact) < 5 * got.error + 0.02
        assert 0 < got.error < 0.1


def test_temperatures_rise_from_zero_to_one():
    for count in (20, 300, 7250):
        betas = temperatures(count)
        assert len(betas) == count
        assert betas[0] == 0
        assert betas[-1] == 1
        assert bool((betas.diff() > 0).all())


def test_too_many_hidden_units_are_refused():
    with pytest.raises(ValueError, match="too many"):
        exact_log_partition(make(hidden=21))


# --- Samples ---------------------------------------------------------------------------


def copying(chains: list[list[float]]) -> rbm.RBM:
    """Each visible unit is what its hidden one is, for sure, and back."""
    network = rbm.RBM(rbm.RBMConfig(num_visible=3, num_hidden=3, num_chains=len(chains)))
    with torch.no_grad():
        network.weight.copy_(400 * torch.eye(3))
        network.visible_bias.fill_(-200)
        network.hidden_bias.fill_(-200)
        network.chains.copy_(torch.tensor(chains))
    return network


def test_every_chain_gives_samples_in_turn():
    chains = [[1.0, 0, 0], [0, 1, 0], [0, 1, 1]]
    samples = rbm.sample(copying(chains), 5, num_gibbs_steps=3)
    assert samples.tolist() == [*chains, *chains[:2]]


def test_k_steps_of_contrastive_divergence_are_k_draws_of_the_visible_units(
    monkeypatch: pytest.MonkeyPatch,
):
    network, drawn = make().float(), []
    visible_probs = network.visible_probs

    def counted(hidden: Tensor) -> Tensor:
        drawn.append(hidden)
        return visible_probs(hidden)

    monkeypatch.setattr(network, "visible_probs", counted)
    for num_gibbs_steps in (1, 4):
        rbm.statistics(network, torch.ones(2, V), num_gibbs_steps=num_gibbs_steps)
        assert len(drawn) == num_gibbs_steps
        drawn.clear()


def test_samples_have_the_models_frequencies():
    network = make(3).float()
    visible = rbm.sample(
        network, 8000, num_gibbs_steps=60, generator=torch.Generator().manual_seed(0)
    )
    p = torch.exp(-network.double()(all_bits(V)) - enumerated_log_partition(network))
    expected = (p @ all_bits(V)).detach()
    assert torch.allclose(visible.double().mean(0), expected, atol=0.03)  # 5 standard errors


def test_every_shape_comment_is_true():
    network = make().float()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    images = torch.ones(4, V)
    network.chains = torch.zeros(2, H)

    def call() -> None:
        rbm.train_step(network, optimizer, images)
        rbm.energy(network, images, torch.ones(4, H))
        network(images)

    sizes = {"B": 4, "N": 2, "V": V, "H": H}
    findings = check_shapes(Path(str(rbm.__file__)), call, sizes)
    assert len(findings.claims) >= 10
    assert findings.wrong == ()
    sampled = check_shapes(
        Path(str(rbm.__file__)),
        functools.partial(rbm.sample, network, 2, num_gibbs_steps=2),
        sizes,
    )
    assert sampled.wrong == ()
