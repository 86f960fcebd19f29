"""Examples of every class of a data set on one sheet."""

import numpy as np
import torch

from torchcamp.data.images import Images
from torchcamp.data.pictures import grid

NUM_EXAMPLES = 12  # of each class, and so the columns of the sheet
MAX_CLASSES = 50  # rows of the sheet
SIDE = 56  # pixels that small pictures are enlarged to, or a little less


def contact_sheet(images: Images) -> np.ndarray:
    """A row of training pictures for each class, evenly spaced over those that there are.

    Returns:
        `uint8` array (height, width), or (height, width, 3) in colour; of a row without enough
        pictures, the rest is black.
    """
    _, height, width = images.image_shape
    rows = []
    labels = images.train_labels.cpu()
    for label in range(min(images.num_classes, MAX_CLASSES)):
        members = (labels == label).nonzero().flatten()
        count = min(NUM_EXAMPLES, len(members))
        chosen = members[torch.linspace(0, len(members) - 1, count).long()]
        row = images.train_images.new_zeros(NUM_EXAMPLES, *images.image_shape)
        row[:count] = images.train_images[chosen.to(images.train_images.device)]
        rows.append(row)
    times = max(1, SIDE // max(height, width))
    large = torch.cat(rows).repeat_interleave(times, dim=2).repeat_interleave(times, dim=3)
    return grid(large, columns=NUM_EXAMPLES)
