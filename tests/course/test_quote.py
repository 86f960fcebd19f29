"""What lessons show of code and networks: the source, what it made, its parameters, its filters."""

import re

import torch

from torchcamp.course import lesson
from torchcamp.models.cnn import CNN, CNNConfig
from torchcamp.reading.page import render_function
from torchcamp.reading.reader import read
from torchcamp.reading.source import source_of


def test_a_function_of_a_reading_as_a_piece_of_a_page():

    reading = read(CNN(CNNConfig()), (torch.rand(2, 1, 28, 28),))
    piece = render_function(reading, "CNN.forward", "<caption>")
    assert "(2, 24, 14, 14)" in piece
    assert "&lt;caption&gt;" in piece
    assert piece.count("<tr") == len(
        [line for line in reading.lines if line.function == "CNN.forward"]
    )
    assert "FLOPs" in piece


def test_the_tape_beside_the_lines():
    """With `tape`, each line stands beside the nodes that it made; argmax makes none."""
    from torchcamp.models.mlp import mlp_loss

    trained, _ = lesson.own("mlp")
    batch = torch.rand(2, 1, 28, 28), torch.tensor([1, 2])
    html = lesson.quote(
        "models/mlp.py::mlp_loss", mlp_loss, trained.network, *batch, tape=True
    ).text
    rows = html.split("<tr")[1:]
    (loss_row,) = [row for row in rows if "cross_entropy" in row]
    (accuracy_row,) = [row for row in rows if "argmax" in row]
    assert "LogSoftmax NllLoss" in loss_row
    assert "FLOPs" not in html
    assert 'class="what"' not in accuracy_row


def test_a_step_is_quoted_whole_and_leaves_the_network_as_it_was():
    """Decorators, comments and empty lines belong to it; a line that did not run is told apart."""
    from torchcamp.models.gan import GANConfig, make_discriminator, train_step

    generator = lesson.own("gan")[0].network
    assert isinstance(generator.config, GANConfig)
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    discriminator = make_discriminator(generator.config)
    html = lesson.quote_step(
        "models/gan.py::train_step",
        train_step,
        [generator, discriminator],
        torch.rand(2, 1, 28, 28),
    ).text
    rows = html.split("<tr")[1:]
    assert sum("may not move G" in row for row in rows) == 1  # a comment above a statement
    (fakes,) = [row for row in rows if "fake_images</span> <span" in row and "generator" in row]
    assert "(2, 1, 28, 28)" in fakes
    assert html.count('class="quiet"') == 0  # all of it ran, its docstring is no line of code
    for name, value in generator.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    assert all(parameter.grad is None for parameter in generator.parameters())
    assert not generator.training


def test_what_did_not_run_is_quiet():
    from torchcamp.data.images import load_images
    from torchcamp.figures import hmm as figures

    trained, _ = lesson.own("hmm")
    before = [table.clone() for table in trained.network.parameters()]
    html = lesson.quote(
        "models/hmm.py::update",
        figures.one_update,
        trained.network,
        *figures.rows_of(load_images("digits"), 2),
    ).text
    assert "@torch.no_grad()" in re.sub("<[^>]+>", "", html)
    for table, was in zip(trained.network.parameters(), before, strict=True):
        torch.testing.assert_close(table, was, rtol=0, atol=0)
    (quiet,) = html.split('class="quiet"')[1:]  # symbols, not bits
    assert "emission" in quiet.split("</tr>")[0]


def test_source_that_was_not_run_stands_in_the_same_frame():
    html = lesson.quote("models/mlp.py::MLP.__init__").text
    assert "torchcamp-quoted" in html
    assert "models/mlp.py::MLP.__init__" in html
    assert 'class="what"' not in html
    source = source_of("models/mlp.py::MLP.__init__")
    assert html.count("<tr") == len(source.splitlines())


def test_the_parameters_of_a_network_as_a_table():
    network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 1))
    text = lesson.parameters(network).text
    for words in ("0.weight", "(2, 3)", "1.bias", ">11<"):
        assert words in text


def test_the_filters_of_a_network_as_pictures():
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 5, 3))
    text = lesson.filters(network).text
    assert text.count("<svg") == 5
    assert text.count("<rect") == 5 * 9


def test_a_figures_first_answer_comes_with_it():
    from torchcamp.figures import convolution as figures

    figure = figures.sliding()
    assert figure.opening == figure._answer(figure.state)[0]
    assert figure.opening["size"] == 4
