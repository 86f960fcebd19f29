"""Tensors as the bytes that figures send to the page, one byte per value."""

from torch import Tensor


def to_bytes(probs: Tensor) -> bytes:
    """Numbers in [0, 1] as 0 to 255."""
    return (255 * probs).round().clamp(0, 255).byte().contiguous().numpy().tobytes()


def shares(maps: Tensor) -> bytes:
    """Activations as shares of the layer's largest, scaled to 0 to 255."""
    top = maps.max().clamp_min(1e-12)
    return (maps / top * 255).clamp(0, 255).byte().contiguous().numpy().tobytes()


def signed_shares(maps: Tensor) -> bytes:
    """Gradients as shares of the layer's largest, scaled to 1 to 255 with zero at 128."""
    top = maps.abs().max().clamp_min(1e-20)
    return (maps / top * 127 + 128).clamp(1, 255).byte().contiguous().numpy().tobytes()
