"""What must hold of mymodel, whatever you change: python mymodel/test_model.py"""

import math

import torch
import torch.nn.functional as F
from model import MyModel, MyModelConfig, train_step


def make(num_classes: int = 4) -> MyModel:
    torch.manual_seed(0)
    return MyModel(MyModelConfig(num_classes=num_classes))


def batch(num_images: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(num_images, 1, 28, 28, generator=generator)
    return images, torch.arange(num_images) % 4


def test_shape() -> None:
    assert make()(batch()[0]).shape == (8, 4)


def test_it_takes_pictures_in_colour_and_of_another_size() -> None:
    network = MyModel(MyModelConfig(num_classes=4, image_shape=(3, 36, 48)))
    assert network(torch.rand(2, 3, 36, 48)).shape == (2, 4)


def test_it_begins_by_guessing() -> None:
    images, labels = batch()
    loss = F.cross_entropy(make()(images), labels).item()
    assert abs(loss - math.log(4)) < 1, f"an untrained network costs about ln 4, not {loss:.2f}"


def test_it_can_learn_eight_pictures_by_heart() -> None:
    network = make()
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    for _ in range(60):
        metrics = train_step(network, optimizer, batch())
    assert metrics["loss"].item() < 0.1, f"the loss is still {metrics['loss'].item():.2f}"


def test_every_parameter_moves() -> None:
    network = make()
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    train_step(network, torch.optim.SGD(network.parameters(), lr=0.1), batch())
    still = [name for name, p in network.named_parameters() if torch.equal(before[name], p)]
    assert not still, f"these did not move: {still}"


def test_eval_mode_gives_one_answer() -> None:
    network = make().eval()
    images, _ = batch()
    with torch.no_grad():
        assert torch.equal(network(images), network(images))
        alone = network(images[:1])
        assert torch.allclose(network(images)[:1], alone, atol=1e-5), "the company matters"


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print(f"{name}: holds")
