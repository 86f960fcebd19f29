"""What lessons show of code and networks: the source, what it made, its parameters, its filters."""

import torch

from torchcamp.course import lesson
from torchcamp.models.cnn import CNN, CNNConfig
from torchcamp.reading.page import render_function
from torchcamp.reading.reader import read


def test_a_function_of_a_reading_as_a_piece_of_a_page():

    reading = read(CNN(CNNConfig()), (torch.rand(2, 1, 28, 28),))
    piece = render_function(reading, "CNN.forward", "<caption>")
    assert "(2, 24, 14, 14)" in piece
    assert "&lt;caption&gt;" in piece
    assert piece.count("<tr") == len(
        [line for line in reading["lines"] if line["function"] == "CNN.forward"]
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
    assert 'class="what"></td>' in accuracy_row


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
    from torchcamp.course.figures import sliding

    figure = sliding.sliding()
    assert figure.opening == figure._answer(figure.state)[0]
    assert figure.opening["size"] == 4
