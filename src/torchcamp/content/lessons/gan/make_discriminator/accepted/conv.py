from torch import Tensor, nn


class Discriminator(nn.Module):
    def __init__(self, image_size: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(image_size * image_size, 64)
        self.logit = nn.Linear(64, 1)

    def forward(self, images: Tensor) -> Tensor:
        x = nn.functional.leaky_relu(self.hidden(images.flatten(1)), negative_slope=0.2)
        return self.logit(x)[:, 0]
