"""torchvision's builders of networks: a small one with the attributes that scripts reach for."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

BUILDERS = {
    "fc": (
        "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide_resnet50_2", "resnext50_32x4d",
        "googlenet", "inception_v3", "shufflenet_v2_x1_0", "regnet_y_400mf",
    ),
    "classifier": (
        "vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg16_bn", "vgg19_bn", "alexnet", "mobilenet_v2",
        "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0", "densenet121", "squeezenet1_0",
        "convnext_tiny", "mnasnet1_0",
    ),
}  # fmt: skip


class ResNet(nn.Module):
    """conv1, bn1, layer1 to layer4, avgpool, fc."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=4, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(2)
        widths = (64, 64, 64, 128, 512)
        for number in range(1, 5):
            block = nn.Sequential(
                nn.Conv2d(widths[number - 1], widths[number], 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(widths[number]),
                nn.ReLU(inplace=True),
            )
            self.add_module(f"layer{number}", block)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc: nn.Module = nn.Linear(512, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for number in range(1, 5):
            x = self.get_submodule(f"layer{number}")(x)
        return self.fc(self.avgpool(x).flatten(1))


class Classifier(nn.Module):
    """features, avgpool, classifier: the attributes of VGG, AlexNet and MobileNet."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 5, stride=4, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(16, 512, 3, padding=1), nn.ReLU(inplace=True),
        )  # fmt: skip
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier: nn.Module = nn.Sequential(
            nn.Linear(512, 64), nn.ReLU(inplace=True), nn.Dropout(0.2), nn.Linear(64, num_classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def builders(note: Callable[[str], None], loaded: Callable[[nn.Module], None]) -> dict[str, Any]:
    """A function for each known name.

    Args:
        note: is told when one is used.
        loaded: is given a network whose weights would have been loaded.
    """

    def make(name: str, kind: type[nn.Module]) -> Callable[..., nn.Module]:
        def build(*args: Any, **kwargs: Any) -> nn.Module:
            network = kind(num_classes=kwargs.get("num_classes", 1000))
            pretrained = args[0] if args else kwargs.get("weights", kwargs.get("pretrained"))
            note(f"{name}: a small network with its attributes, weights at random")
            if pretrained:
                loaded(network)
            return network

        return build

    made = {name: make(name, ResNet) for name in BUILDERS["fc"]}
    made |= {name: make(name, Classifier) for name in BUILDERS["classifier"]}
    return made
