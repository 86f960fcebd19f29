"""Draw the strips of the families' map with the models that ship: content/families/NAME.png."""

import torch
from PIL import Image

from torchcamp.course.families import Family, families
from torchcamp.recipes.sampling import draw_images
from torchcamp.recipes.trained import load_trained

NUM_SAMPLES = 10
GAP = 3  # pixels between two samples


def strip(family: Family) -> Image.Image:
    """`NUM_SAMPLES` samples of the model that ships, seed 0, light on dark."""
    images, _ = draw_images(load_trained(family.name), NUM_SAMPLES)
    padded = torch.nn.functional.pad(images[:, 0], (0, GAP), value=-1)  # (N, H, W + GAP)
    row = torch.cat(list(padded), dim=1)[:, :-GAP]
    seen = row >= 0
    pixels = (255 * row.clamp(0, 1)).byte()
    return Image.merge("LA", [Image.fromarray(p.numpy()) for p in (pixels, 255 * seen.byte())])


def main() -> None:
    for family in families():
        strip(family).save(family.strip, optimize=True)
        print(family.strip, f"{family.strip.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
