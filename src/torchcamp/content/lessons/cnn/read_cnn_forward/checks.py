"""One forward pass on colour pictures, then one without the second pooling."""

from unittest import mock

import torch
import torch.nn.functional as F

from torchcamp.course.judge.predictions import (
    compare,
    first_wrong,
    raising_line,
    rewritten,
)
from torchcamp.models.cnn import CNN, CNNConfig

CONFIG = CNNConfig(image_shape=(3, 32, 32))
IMAGES = torch.rand(16, 3, 32, 32)


def happened():
    cnn, pooled = CNN(CONFIG), []
    pool = F.max_pool2d

    def look(*args):
        pooled.append(pool(*args))
        return pooled[-1]

    with mock.patch.object(F, "max_pool2d", look):
        cnn(IMAGES)
    changed = rewritten(CNN, "F.max_pool2d(self.conv3(x), 2)", "self.conv3(x)")(CONFIG)
    return {
        "after_first_pooling": tuple(pooled[0].shape),
        "num_features": cnn.output.in_features,
        "raises_at": raising_line(lambda: changed(IMAGES)).partition("  #")[0],
    }


def check_after_first_pooling(submission):
    """Two lines."""
    words = compare(submission, happened(), "after_first_pooling")
    assert not words, (
        words + " `conv1` halves 32 to 16, `conv2` makes 48 maps, the pooling halves 16 to 8."
    )


def check_num_features(submission):
    """What the last layer was made for."""
    words = compare(submission, happened(), "num_features")
    assert not words, words + " At last there are 64 maps of 4 x 4, and 64 * 4 * 4 = 1024."


def check_raises_at(submission):
    """Where a wrong size is noticed."""
    words = compare(submission, happened(), "raises_at")
    assert not words, (
        words
        + " The rows now have 64 * 8 * 8 = 4096 numbers, and the matrix of `self.output` was made for 1024."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
