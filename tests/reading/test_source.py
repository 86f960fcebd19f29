"""Quoting by symbol."""

import pytest

from torchcamp.reading.source import SymbolError, source_of


def test_a_method_is_quoted_without_its_indentation():
    text = source_of("models/cnn.py::CNN.forward")
    assert text.startswith("def forward(self, images: Tensor) -> Tensor:\n    x = self.conv1")
    assert "# (B, C1, H1, W1)" in text
    assert text.endswith("return logits")


def test_decorators_belong_to_it():
    assert source_of("models/cnn.py::predict").startswith("@torch.no_grad()\ndef predict")


@pytest.mark.parametrize(
    "reference", ["models/cnn.py", "models/none.py::CNN", "models/cnn.py::CNN.backward"]
)
def test_what_does_not_exist(reference: str):
    with pytest.raises(SymbolError):
        source_of(reference)
