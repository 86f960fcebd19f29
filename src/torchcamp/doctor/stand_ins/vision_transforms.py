"""torchvision's transforms: those that change shapes or ranges for real, random ones as identity."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F


class InterpolationMode(Enum):
    """How Resize fills in; only the name matters here."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    LANCZOS = "lanczos"


class Identity(torch.nn.Module):
    """A random distortion, left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, *inputs: Any) -> Any:
        first, *others = inputs
        return (first, *others) if others else first


class Compose:
    """One after the other."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, picture: Any) -> Any:
        for transform in self.transforms:
            picture = transform(picture)
        return picture


class ToTensor:
    """A picture, or an array (H, W, C), as a tensor (C, H, W); bytes become 0 to 1."""

    def __call__(self, picture: Any) -> Tensor:
        return to_tensor(picture)


class PILToTensor:
    """A picture as bytes (C, H, W)."""

    def __call__(self, picture: Any) -> Tensor:
        return _as_array(picture)


ToImage = PILToTensor


class ConvertImageDtype:
    """Bytes to floats from 0 to 1."""

    def __init__(self, dtype: torch.dtype = torch.float32, *args: Any, **kwargs: Any) -> None:
        self.dtype = dtype

    def __call__(self, picture: Tensor) -> Tensor:
        if picture.dtype is torch.uint8 and self.dtype.is_floating_point:
            return picture.to(self.dtype) / 255
        return picture.to(self.dtype)


class ToDtype(ConvertImageDtype):
    """With `scale=True` as ConvertImageDtype."""

    def __init__(self, dtype: torch.dtype, scale: bool = False) -> None:
        super().__init__(dtype)
        self.scale = scale

    def __call__(self, picture: Tensor) -> Tensor:
        return super().__call__(picture) if self.scale else picture.to(self.dtype)


class ToPILImage:
    """A tensor (C, H, W) as a picture."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __call__(self, picture: Any) -> Any:
        if isinstance(picture, Tensor):
            picture = picture.detach().float().cpu()
            picture = (picture * 255 if picture.max() <= 1 else picture).byte().numpy()
            picture = picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0)
        return Image.fromarray(np.asarray(picture))


class Normalize:
    """(x - mean) / std for each channel; a wrong number of channels raises, as it does there."""

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        self.mean, self.std = mean, std

    def __call__(self, tensor: Tensor) -> Tensor:
        return normalize(tensor, self.mean, self.std)


class Resize:
    """To (height, width), or the shorter side to a number."""

    def __init__(self, size: Any, *args: Any, **kwargs: Any) -> None:
        self.size = size

    def __call__(self, picture: Any) -> Any:
        return resize(picture, self.size)


Scale = Resize


class CenterCrop:
    """Here and for random crops: resized to the size that a crop would have."""

    def __init__(self, size: Any, *args: Any, **kwargs: Any) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        if len(self.size) == 1:
            self.size = self.size * 2

    def __call__(self, picture: Any) -> Any:
        return resize(picture, self.size)


RandomCrop = RandomResizedCrop = RandomSizedCrop = CenterCrop


class Grayscale:
    """One channel, or three equal ones."""

    def __init__(self, num_output_channels: int = 1) -> None:
        self.channels = num_output_channels

    def __call__(self, picture: Any) -> Any:
        if isinstance(picture, Tensor):
            return (
                picture.float()
                .mean(-3, keepdim=True)
                .to(picture.dtype)
                .expand(self.channels, -1, -1)
            )
        grey = picture.convert("L")
        return grey if self.channels == 1 else grey.convert("RGB")


class Lambda:
    """The user's own function."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        self.lambd = lambd

    def __call__(self, picture: Any) -> Any:
        return self.lambd(picture)


IDENTITIES = (
    "RandomHorizontalFlip", "RandomVerticalFlip", "RandomRotation", "RandomAffine", "ColorJitter", "RandomErasing",
    "RandomPerspective", "RandomGrayscale", "RandomApply", "RandomChoice", "RandomOrder", "AutoAugment",
    "RandAugment", "TrivialAugmentWide", "AugMix", "GaussianBlur", "RandomInvert", "RandomPosterize", "RandomSolarize",
    "RandomAdjustSharpness", "RandomAutocontrast", "RandomEqualize", "Pad", "ElasticTransform",
)  # fmt: skip


def to_tensor(picture: Any) -> Tensor:
    """As ToTensor."""
    tensor = _as_array(picture)
    return tensor.float() / 255 if tensor.dtype is torch.uint8 else tensor


def normalize(tensor: Tensor, mean: Sequence[float], std: Sequence[float], *_: Any) -> Tensor:
    """As Normalize."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    centre, spread = (torch.as_tensor(each, dtype=tensor.dtype) for each in (mean, std))
    if centre.dim() == 1:
        centre = centre[:, None, None]
    if spread.dim() == 1:
        spread = spread[:, None, None]
    return tensor.clone().sub_(centre).div_(spread)


def resize(picture: Any, size: Any, *args: Any, **kwargs: Any) -> Any:
    """As Resize."""
    is_tensor = isinstance(picture, Tensor)
    height, width = picture.shape[-2:] if is_tensor else (picture.height, picture.width)
    if isinstance(size, int) or len(size) == 1:
        short = size if isinstance(size, int) else size[0]
        scale = short / min(height, width)
        size = (max(round(height * scale), 1), max(round(width * scale), 1))
    if is_tensor:
        return F.interpolate(picture[None].float(), size=tuple(size))[0].to(picture.dtype)
    return picture.resize((size[1], size[0]))


def _as_array(picture: Any) -> Tensor:
    array = np.array(picture)
    if array.ndim == 2:
        array = array[:, :, None]
    return torch.from_numpy(array.transpose(2, 0, 1).copy())


def names() -> dict[str, Any]:
    """What `torchvision.transforms` holds."""
    own = {
        name: value
        for name, value in globals().items()
        if isinstance(value, type) and value.__module__ == __name__ and name != "Identity"
    }
    return own | dict.fromkeys(IDENTITIES, Identity)


def functions() -> dict[str, Any]:
    """What `torchvision.transforms.functional` holds."""
    return {
        "to_tensor": to_tensor, "normalize": normalize, "resize": resize, "center_crop": resize,
        "to_pil_image": ToPILImage(), "pil_to_tensor": _as_array, "hflip": lambda picture: picture,
    }  # fmt: skip
