"""Lesson 7: inside the learner's network: maps, filters, gradients, batch norm's statistics."""

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, Reply, State
from torchcamp.data.images import Images
from torchcamp.figures.arrays import shares, signed_shares
from torchcamp.widgets.anatomy import Anatomy

NUM_PICTURES = 40
BATCH_SIZE = 32  # pictures in the batch, for batch norm in train mode


# A convolution's name -> its batch norm, with that one's name.
Norms = dict[str, tuple[str, nn.BatchNorm2d]]


def anatomy(networks: dict[str, tuple[str, Callable[[], nn.Module]]], images: Images) -> Anatomy:
    """A look inside networks.

    Args:
        networks: key -> caption, and a function that makes the network when it is first shown.
        images: test images to send through them.
    """
    ready: dict[str, nn.Module] = {}

    def answer(state: State) -> Answer:
        key = state["network"]
        if key not in ready:
            ready[key] = networks[key][1]()
        reply, arrays = look(ready[key], images, state)
        return plain(reply), arrays

    return Anatomy(
        answer=answer,
        state={
            "network": next(iter(networks)),
            "picture": 0,
            "layer": 0,
            "map": 0,
            "row": -1,
            "column": -1,
            "training": False,
        },
        setup={
            "networks": [[key, caption] for key, (caption, _) in networks.items()],
            "names": list(images.class_names),
            "pictures": NUM_PICTURES,
        },
    )


def look(network: nn.Module, images: Images, state: State) -> Answer:
    """One picture's forward and backward pass in the requested mode; leaves `network` unchanged.

    A row or column of -1 stands for the brightest pixel of the map.
    """
    network = copy.deepcopy(network)  # train mode would update its running statistics
    layers = [(name, m) for name, m in network.named_modules() if isinstance(m, nn.Conv2d)]
    norms = _norms(network)
    first, number = int(state["picture"]), min(int(state["layer"]), len(layers) - 1)
    batch = [first, *(i for i in range(BATCH_SIZE) if i != first)][:BATCH_SIZE]
    pictures = images.test_images[batch].float() / 255
    labels = images.test_labels[batch]
    network.train(bool(state["training"]))
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.eval()  # only batch norm's two modes are compared
    with _watched(layers, norms) as (outputs, inputs, entering):
        logits = network(pictures)
    loss = F.cross_entropy(logits[:1], labels[:1])
    loss.backward()
    name, conv = layers[number]
    maps = outputs[name][0].detach().relu()
    map_grads = outputs[name].grad
    assert map_grads is not None
    chosen = min(int(state["map"]), maps.shape[0] - 1)
    outcome, place = outputs[name][0, chosen].detach(), (int(state["row"]), int(state["column"]))
    assert conv.weight.grad is not None
    weight, weight_grad = conv.weight[chosen].detach(), conv.weight.grad[chosen]
    reply = {
        "network": state["network"],
        "training": bool(state["training"]),
        "layers": [_summary(each, module, norms) for each, module in layers],
        "layer": number,
        "map": chosen,
        "channels": maps.shape[0],
        "mapSize": list(maps.shape[1:]),
        "filterLayers": weight.shape[0],
        "filterSize": weight.shape[1],
        "probs": logits[0].softmax(0).tolist(),
        "label": int(labels[0]),
        "loss": loss.item(),
        "pixel": pixel(conv, entering[name], outcome, chosen, place, has_norm=name in norms),
        "norm": _statistics(norms[name][1], inputs[name]) if name in norms else None,
        "words": _explanation(bool(state["training"])),
    }
    arrays = [
        images.test_images[first].contiguous().numpy().tobytes(),
        shares(maps),
        signed_shares(map_grads[0]),
        signed_shares(weight),
        signed_shares(weight_grad),
    ]
    return reply, arrays


def pixel(
    conv: nn.Conv2d,
    entering: Tensor,
    outcome: Tensor,
    channel: int,
    place: tuple[int, int],
    *,
    has_norm: bool,
) -> Reply:
    """The sum that made one pixel of a map: the input's window times the filter, added up.

    Args:
        conv: the convolution.
        entering: what goes into it, (IC, H, W).
        outcome: what its filter `channel` leaves, after batch norm if there is one, (H', W').
        place: row and column of the pixel; -1 stands for those of the largest.
        has_norm: whether batch norm stands between the sum and `outcome`.
    """
    height, width = outcome.shape
    brightest = divmod(int(outcome.argmax()), width)
    row, column = (
        best if each < 0 else min(each, size - 1)
        for each, best, size in zip(place, brightest, (height, width), strict=True)
    )
    weight = conv.weight[channel].detach()  # (IC / groups, KH, KW)
    group = channel // (conv.out_channels // conv.groups)
    ours = entering[group * len(weight) : (group + 1) * len(weight)]
    window = _windows(conv, ours)[:, row * width + column].view_as(weight)
    products = window * weight
    bias = 0.0 if conv.bias is None else conv.bias[channel].item()
    total, after = products.sum().item() + bias, outcome[row, column].item()
    strongest = int(products.sum((1, 2)).abs().argmax())
    words = f"{products.numel()} products"
    if len(weight) > 1:
        words += f", {weight[0].numel()} for each of {len(weight)} maps that come in,"
    words += f" add up to {products.sum().item():.4f}."
    if bias:
        words += f" The bias makes it {total:.4f}."
    if has_norm:
        words += f" Batch norm makes {after:.4f} of it."
    words += f" ReLU {'keeps that' if after > 0 else 'sets that to 0'}: the pixel is {max(0.0, after):.4f}."
    if len(weight) > 1:
        words += (
            f" Drawn is map {strongest}, which adds most, {products[strongest].sum().item():.4f}."
        )
    return {
        "row": row,
        "column": column,
        "from": strongest,
        "window": window[strongest].tolist(),
        "filter": weight[strongest].tolist(),
        "products": products[strongest].tolist(),
        "sum": total,
        "value": max(0.0, after),
        "words": words,
    }


def _windows(conv: nn.Conv2d, entering: Tensor) -> Tensor:
    """Each place's window of `entering` (C, H, W), rim included, laid in a column: (C * KH * KW, places)."""
    if conv.padding == "valid":
        rim = [0, 0, 0, 0]
    elif conv.padding == "same":
        spans = [d * (k - 1) for d, k in zip(conv.dilation, conv.kernel_size, strict=True)]
        rim = [each for span in reversed(spans) for each in (span // 2, span - span // 2)]
    else:
        up, left = (int(each) for each in conv.padding)
        rim = [left, left, up, up]
    mode = "constant" if conv.padding_mode == "zeros" else conv.padding_mode
    padded = F.pad(entering[None], rim, mode=mode)
    return F.unfold(padded, conv.kernel_size, dilation=conv.dilation, stride=conv.stride)[0]


@contextlib.contextmanager
def _watched(
    layers: list[tuple[str, nn.Conv2d]], norms: Norms
) -> Iterator[tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]]:
    """Keeps, by the convolution's name, its output (after its norm), its norm's input, and what of
    the first picture enters it."""
    outputs: dict[str, Tensor] = {}
    inputs: dict[str, Tensor] = {}
    entering: dict[str, Tensor] = {}
    with contextlib.ExitStack() as handles:
        for name, module in layers:
            after = norms[name][1] if name in norms else module

            def keep(_m: nn.Module, _i: Any, out: Tensor, name: str = name) -> None:
                out.retain_grad()
                outputs[name] = out

            def keep_entering(_m: nn.Module, args: tuple[Tensor, ...], name: str = name) -> None:
                entering[name] = args[0][0].detach()

            handles.enter_context(after.register_forward_hook(keep))
            handles.enter_context(module.register_forward_pre_hook(keep_entering))
        for name, (_, norm) in norms.items():

            def keep_input(_m: nn.Module, args: tuple[Tensor, ...], name: str = name) -> None:
                inputs[name] = args[0].detach()

            handles.enter_context(norm.register_forward_pre_hook(keep_input))
        yield outputs, inputs, entering


def _norms(network: nn.Module) -> Norms:
    """Each convolution's name -> the batch norm that follows it in the order of the modules."""
    norms: Norms = {}
    waiting: list[str] = []
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            waiting.append(name)
        elif isinstance(module, nn.BatchNorm2d) and waiting:
            norms[waiting.pop(0)] = (name, module)
    return norms


def _summary(name: str, conv: nn.Conv2d, norms: Norms) -> Reply:
    parts = [*conv.parameters(), *(norms[name][1].parameters() if name in norms else ())]
    shape = "×".join(str(size) for size in conv.weight.shape)
    grads = torch.cat([p.grad.flatten() for p in parts if p.grad is not None])
    return {
        "name": name.replace(".0", "") or name,
        "shape": f"filters {shape}",
        "numbers": f"{sum(p.numel() for p in parts):,}",
        "gradient": grads.norm().item(),
    }


def _statistics(norm: nn.BatchNorm2d, inputs: Tensor) -> Reply:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    return {
        "batchMean": inputs.mean((0, 2, 3)).tolist(),
        "batchStd": inputs.std((0, 2, 3)).tolist(),
        "runningMean": norm.running_mean.tolist(),
        "runningStd": norm.running_var.sqrt().tolist(),
    }


def _explanation(training: bool) -> str:
    if training:
        return (
            f"In train() each channel is normalised with the statistics of these {BATCH_SIZE} "
            "pictures: the answer for this one depends on the others, and every call updates the "
            "running statistics. In eval() the running statistics are used."
        )
    return (
        "In eval() the running statistics are used: the picture gets the same answer alone and in any "
        "company. Choose a map to see the filter that made it, and press train() to see what changes."
    )
