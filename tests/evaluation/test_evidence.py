"""Which pixels decided: against hand-made networks whose evidence is known."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.base.seeding import random_state
from torchcamp.evaluation.classification import Classified, classify
from torchcamp.evaluation.evidence import evidence, evidence_section, first_right, overlay
from torchcamp.models.cnn import CNN, CNNConfig
from torchcamp.models.mlp import MLP, MLPConfig
from torchcamp.pages.page import render_page

CLASSES = ("a", "b", "c")


def pictures(count: int = 6, shape: tuple[int, int, int] = (3, 16, 16)) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(1, 256, (count, *shape), dtype=torch.uint8, generator=generator)


class OnlyLeft(nn.Module):
    """Looks only at the left half: the right half is cut off before its feature map."""

    def __init__(self, num_classes: int = 3) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.ReLU())
        self.output = nn.Linear(8, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        left = images.clone()
        left[..., images.shape[-1] // 2 :] = 0
        return self.output(self.features(left).mean(dim=(2, 3)))


def test_a_network_that_looks_only_left_has_its_evidence_on_the_left():
    network, images = OnlyLeft(), pictures()
    logits = network(images / 255)
    found = evidence(network, images, logits.argmax(dim=1))
    assert found.layer == (16, 16)
    assert found.maps.shape == (6, 16, 16)
    assert found.maps[..., :8].sum() > 0
    assert found.maps[..., 9:].sum() == 0  # the convolution reaches one pixel to the right
    assert found.maps.amax(dim=(1, 2)).max() == 1


def test_it_is_the_formula_of_the_paper():
    """With a global mean and one linear layer, a_k = w_k / (H W): the class activation map."""
    torch.manual_seed(1)
    convolution, output = nn.Conv2d(3, 5, 4, stride=4), nn.Linear(5, 3)
    network = nn.Sequential(convolution, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), output)
    images, classes = pictures(), torch.tensor([0, 1, 2, 0, 1, 2])
    features = convolution(images / 255).relu()  # (6, 5, 4, 4)
    expected = torch.einsum("bk, bkhw -> bhw", output.weight[classes], features).relu()
    expected = F.interpolate(expected[:, None], size=(16, 16), mode="bilinear")[:, 0]
    expected = expected / expected.amax(dim=(1, 2), keepdim=True).clamp_min(1e-30)
    found = evidence(network, images, classes)
    assert found.layer == (4, 4)
    assert expected.sum() > 0
    torch.testing.assert_close(found.maps, expected, atol=1e-5, rtol=1e-4)


def test_without_a_feature_map_it_is_the_input_times_its_gradient():
    """Dropout in front passes pictures on: they are not a feature map."""
    torch.manual_seed(0)
    linear = nn.Linear(3 * 16 * 16, 3)
    network = nn.Sequential(nn.Dropout(0.5), nn.Flatten(), linear)
    images, classes = pictures(), torch.tensor([0, 1, 2, 2, 1, 0])
    products = linear.weight[classes].view(-1, 3, 16, 16) * images / 255
    expected = products.sum(dim=1).relu()
    found = evidence(network, images, classes)
    assert found.layer is None
    assert ((found.maps > 0) == (expected > 0)).all()
    brightest = expected.flatten(1).quantile(0.99, dim=1)[:, None, None]
    torch.testing.assert_close(found.maps, (expected / brightest).clamp(0, 1), atol=1e-5, rtol=0)


def test_our_own_networks_have_the_evidence_that_fits_them():
    images, classes = pictures(shape=(1, 28, 28)), torch.zeros(6, dtype=torch.int64)
    assert evidence(CNN(CNNConfig()), images, classes).layer == (7, 7)
    assert evidence(MLP(MLPConfig()), images, classes).layer is None


def test_a_gate_of_one_position_is_not_a_feature_map():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 3, 1), nn.Flatten()
    )
    found = evidence(network, pictures(), torch.zeros(6, dtype=torch.int64))
    assert found.layer == (7, 7)


class Restless(nn.Module):
    """Draws random numbers in eval mode too, counts its calls, and has modules in mixed modes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.output = nn.Linear(4, 3)

    def forward(self, images: Tensor) -> Tensor:
        x = self.norm(self.conv(images + 0.01 * torch.rand_like(images)))
        return self.output(x.mean(dim=(2, 3)))


@pytest.mark.parametrize("watch", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_it_leaves_the_network_as_it_was(watch: type):
    network = Restless().train()
    network.norm.eval()
    network.conv.weight.requires_grad_(False)
    network.output.weight.grad = torch.full_like(network.output.weight, 7.0)
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    before = random_state()["torch"]
    images, classes = pictures(), torch.zeros(6, dtype=torch.int64)
    with watch():
        found = evidence(network, images, classes)
    assert found.maps.sum() > 0
    assert torch.equal(random_state()["torch"], before)
    assert (network.training, network.norm.training, network.conv.training) == (True, False, True)
    assert not network.conv.weight.requires_grad
    assert (network.output.weight.grad == 7).all()
    assert network.conv.bias is not None
    assert network.conv.bias.grad is None
    assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())


def answers(probs: list[list[float]], labels: list[int]) -> Classified:
    return Classified(probs=torch.tensor(probs), labels=torch.tensor(labels), class_names=CLASSES)


def test_the_first_right_answer_of_classes_far_apart_is_shown():
    sure = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    given = answers([sure[1], sure[0], sure[0], sure[1], sure[2], sure[2]], [0, 0, 0, 1, 2, 2])
    assert first_right(given, 3) == [1, 3, 4]
    assert first_right(given, 2) == [1, 4]
    assert first_right(given, 9) == [1, 3, 4]
    assert first_right(answers([sure[1]], [0]), 3) == []


def test_a_mistake_is_asked_for_both_classes():
    network, images = OnlyLeft(), pictures(40)
    labels = network(images / 255).argmax(dim=1)
    labels[5] = (labels[5] + 1) % 3
    classified = classify(network, images, labels, CLASSES)
    section = evidence_section(network, classified, images)
    (wrong,) = section["wrong"]  # type: ignore[misc]
    assert wrong["label"] != wrong["prediction"]
    assert wrong["prob"] > wrong["label_prob"]
    assert wrong["for_label"].source != wrong["for_prediction"].source
    right = section["right"]
    assert all(card["for_label"] is None for card in right)  # type: ignore[union-attr]
    page = render_page("evaluation/evidence.html", section=section)
    assert "Grad-CAM, arXiv:1610.02391" in page
    assert "(16 x 16 positions" in page
    again = render_page(
        "evaluation/evidence.html", section=evidence_section(network, classified, images)
    )
    assert again == page


def test_a_network_without_a_gradient_is_reported_and_not_the_end():
    class Cut(OnlyLeft):
        def forward(self, images: Tensor) -> Tensor:
            return super().forward(images).detach()

    network, images = Cut(), pictures()
    classified = classify(network, images, torch.zeros(6, dtype=torch.int64), CLASSES)
    page = render_page(
        "evaluation/evidence.html", section=evidence_section(network, classified, images)
    )
    assert "Could not be computed for this network" in page
    assert "<img" not in page


def test_no_pictures_no_section():
    network, images = OnlyLeft(), pictures()
    classified = classify(network, images, torch.zeros(6, dtype=torch.int64), CLASSES)
    nothing = replace(classified, probs=classified.probs[:0], labels=classified.labels[:0])
    page = render_page(
        "evaluation/evidence.html", section=evidence_section(network, nothing, images[:0])
    )
    assert page.strip() == ""


def test_more_evidence_is_brighter_on_any_picture():
    ramp = torch.linspace(0, 1, 16).expand(16, 16)
    for value in (0, 128, 255):
        drawn = overlay(torch.full((3, 16, 16), value, dtype=torch.uint8), ramp)[:, 0].float()
        yellowness = drawn[0] + drawn[1] - 2 * drawn[2]
        assert yellowness[0] == pytest.approx(0, abs=2)  # grey where nothing speaks for the class
        assert (yellowness.diff() > 0).all()
