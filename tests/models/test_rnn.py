"""The RNNs: the cell against torch's, sums over all pictures, causality, and the law of samples."""

import itertools
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from torchcamp.models import rnn
from torchcamp.reading.shapes import check_shapes

ROWS, LENGTH = 3, 4


def make_rows(seed: int = 0, **numbers: float) -> rnn.RowRNN:
    torch.manual_seed(seed)
    sizes = {"num_rows": ROWS, "row_length": LENGTH, "hidden_size": 6, "row_units": 5}
    network = rnn.RowRNN(rnn.RowRNNConfig(**(sizes | numbers)))  # type: ignore[arg-type]
    torch.nn.init.normal_(network.from_left)
    return network


def make_chars(seed: int = 0) -> rnn.CharRNN:
    torch.manual_seed(seed)
    return rnn.CharRNN(rnn.CharRNNConfig(num_symbols=7, embedding_dim=3, hidden_size=6))


def all_pictures() -> Tensor:
    bits = list(itertools.product([0.0, 1.0], repeat=ROWS * LENGTH))
    return torch.tensor(bits).view(-1, 1, ROWS, LENGTH)


def test_the_written_cell_is_nn_gru():
    torch.manual_seed(0)
    gru = torch.nn.GRU(5, 8, batch_first=True)
    x = torch.randn(3, 11, 5)
    states, last = gru(x)
    hidden = torch.zeros(3, 8)
    for t in range(11):
        hidden = rnn.gru_cell(gru, x[:, t], hidden)
        assert torch.allclose(hidden, states[:, t], atol=1e-6)
    assert torch.allclose(hidden, last[0], atol=1e-6)


def test_the_probabilities_of_all_pictures_sum_to_one():
    log_probs = -make_rows().nats(all_pictures())
    assert log_probs.double().exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_each_pixel_sees_only_what_comes_before_it():
    network = make_rows()
    images = torch.rand(1, 1, ROWS, LENGTH, requires_grad=True)
    logits = network(images).flatten()
    for i in range(ROWS * LENGTH):
        (gradient,) = torch.autograd.grad(logits[i], images, retain_graph=True)
        seen = gradient.flatten() != 0
        assert not seen[i:].any()
        if i:
            assert seen[i - 1] or i % LENGTH == 0  # its left neighbour counts


def test_samples_have_the_models_probabilities():
    network = make_rows(3)
    with torch.no_grad():
        expected = (-network.nats(all_pictures())).exp()
    drawn = rnn.sample(network, 40_000, generator=torch.Generator().manual_seed(0))
    assert drawn.shape == (40_000, 1, ROWS, LENGTH)
    numbers = (drawn.flatten(1).long() * 2 ** torch.arange(ROWS * LENGTH - 1, -1, -1)).sum(1)
    shares = numbers.bincount(minlength=2 ** (ROWS * LENGTH)) / 40_000
    error = (expected * (1 - expected) / 40_000).sqrt() + 1e-6
    assert ((shares - expected).abs() < 6 * error + 1e-4).all()


def test_what_was_begun_is_kept():
    network, begun = make_rows(), torch.ones(5, 1, 2, LENGTH)
    drawn = rnn.sample(network, 5, begun=begun)
    assert torch.equal(drawn[:, :, :2], begun)


def test_low_temperature_draws_the_likeliest():
    network = make_rows(1)
    drawn = rnn.sample(network, 50, temperature=1e-4)
    assert (drawn == drawn[:1]).all()


def test_dropout_is_off_in_eval_mode():
    network, images = make_rows(dropout=0.5), torch.ones(2, 1, ROWS, LENGTH)
    assert not torch.equal(network(images), network(images))
    network.eval()
    assert torch.equal(network(images), network(images))


# --- Text ------------------------------------------------------------------------------


def test_the_probabilities_of_all_texts_sum_to_one():
    network = make_chars()
    first = torch.zeros(7**3, 1, dtype=torch.int64)
    rest = torch.tensor(list(itertools.product(range(7), repeat=3)))
    nats = 3 * network.nats(torch.cat([first, rest], dim=1))
    assert (-nats).double().exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_the_state_carries_a_text_across_pieces():
    network, text = make_chars(), torch.randint(7, (1, 30))
    whole, _ = network(text)
    first, hidden = network(text[:, :12])
    second, _ = network(text[:, 12:], hidden)
    assert torch.allclose(whole, torch.cat([first, second], dim=1), atol=1e-6)


def test_the_target_is_the_next_character():
    network = make_chars()
    text = torch.arange(20).remainder(7)[None]
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(150):
        rnn.train_step(network, optimizer, text)
    assert network.nats(text).item() < 0.1
    drawn = rnn.sample_text(network, text[0, :3], 10, temperature=0.1)
    assert drawn.tolist() == [(3 + i) % 7 for i in range(10)]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_temperature_divides_the_logits(temperature: float):
    network, prompt = make_chars(4), torch.tensor([2, 5])
    with torch.no_grad():
        logits, _ = network(prompt[None])
    expected = (logits[0, -1] / temperature).softmax(0)
    rng = torch.Generator().manual_seed(0)
    draws = [
        rnn.sample_text(network, prompt, 1, temperature=temperature, generator=rng)
        for _ in range(2000)
    ]
    shares = torch.cat(draws).bincount(minlength=7) / 2000
    assert torch.allclose(shares, expected, atol=0.05)  # 4.5 standard errors


def test_the_gradient_is_held_down():
    network, text = make_chars(), torch.randint(7, (4, 9))
    before = {name: p.clone() for name, p in network.named_parameters()}
    metrics = rnn.train_step(
        network, torch.optim.SGD(network.parameters(), lr=1.0), text, max_norm=0.01
    )
    moved = math.sqrt(
        sum((p - before[n]).square().sum().item() for n, p in network.named_parameters())
    )
    assert metrics["gradient_norm"] > 0.01
    assert moved == pytest.approx(0.01, rel=1e-3)


def test_every_shape_comment_is_true():
    rows, chars = make_rows(), make_chars()
    images, text = torch.ones(2, 1, ROWS, LENGTH), torch.ones(2, ROWS + 1, dtype=torch.int64)
    optimizers = [torch.optim.SGD(network.parameters(), lr=0.1) for network in (rows, chars)]

    def call() -> None:
        rnn.train_step(rows, optimizers[0], images)
        rnn.train_step(chars, optimizers[1], text)
        rnn.sample(rows, 2)

    letters = {"H": 6, "V": 7, "R": LENGTH, "D": 5}
    file = Path(str(rnn.__file__))
    findings = check_shapes(file, call, {"B": 2, "T": ROWS} | letters)
    assert len(findings.claims) >= 15
    assert findings.wrong == ()
    one_by_one = check_shapes(
        file, lambda: rnn.sample_text(chars, text[0, :1], 2), {"B": 1, "T": 1} | letters
    )
    assert one_by_one.wrong == ()
    assert set(findings.unseen) & set(one_by_one.unseen) == set()
