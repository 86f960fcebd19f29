"""Pictures with their labels, one at a time: for `torch.utils.data.DataLoader` and for notebooks."""

import torch
from torch import Tensor
from torch.utils.data import Dataset

from torchcamp.base import notebook
from torchcamp.data.pictures import png_bytes

NUM_EXAMPLES = 8  # of each class in a notebook
MAX_CLASSES = 30  # that a notebook shows


class LabelledPictures(Dataset[tuple[Tensor, int]]):
    """A map-style data set: item i is a picture (C, H, W) in [0, 1] and its label.

    The pixels stay as they are, uint8 and perhaps a view of a file, until an item is asked for.
    """

    def __init__(self, images: Tensor, labels: Tensor, class_names: tuple[str, ...]) -> None:
        self.images = images  # (N, C, H, W) uint8
        self.labels = labels  # (N,)
        self.class_names = class_names

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.images[index].float() / 255, int(self.labels[index])


def examples_html(train: LabelledPictures, test: LabelledPictures) -> str:
    """How many pictures of each class there are, and a strip with the first few of them."""
    classes = list(enumerate(train.class_names))
    rows = []
    for label, name in classes[:MAX_CLASSES]:
        of_class = (train.labels == label).nonzero().flatten()
        strip = ""
        if len(of_class):
            first = train.images[of_class[:NUM_EXAMPLES].to(train.images.device)].cpu()
            row = torch.cat(list(first), dim=2).permute(1, 2, 0).squeeze(2)  # side by side
            strip = notebook.picture(png_bytes(row.numpy()), name, height=40)
        num_test = int((test.labels == label).sum())
        rows.append((notebook.text(name), f"{len(of_class):,}", f"{num_test:,}", strip))
    more = len(classes) - MAX_CLASSES
    table = notebook.table(rows, ("class", "training", "test", "examples"))
    return table + (f"<p>... and {more:,} more classes</p>" if more > 0 else "")
