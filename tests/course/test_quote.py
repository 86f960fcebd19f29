"""What lessons quote is the source, and with inputs also what it made."""

import torch

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
