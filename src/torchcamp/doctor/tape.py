"""Questions to autograd's graph: what made this tensor, and which parameters does it lead to?"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.reading.probes import graph_nodes

# Nodes that show the same numbers in another form.
VIEWS = (
    "View", "UnsafeView", "Reshape", "ReshapeAlias", "Squeeze", "Unsqueeze", "Permute", "Transpose",
    "T", "Expand", "Alias", "Select", "Slice", "Index", "Clone", "ToCopy", "Contiguous", "Flatten",
)  # fmt: skip
# Nodes whose result is linear in the input, apart from a constant.
LINEAR = (
    "Addmm", "Mm", "Bmm", "Mv", "Dot", "Convolution", "MkldnnConvolution", "ThnnConv2D", "SlowConv", "Add", "Sub",
    "Rsub", "Neg", "Sum", "Mean", "AvgPool1D", "AvgPool2D", "AvgPool3D", "AdaptiveAvgPool2D", "MkldnnAdaptiveAvgPool2D",
    "NativeBatchNorm", "CudnnBatchNorm", "Cat", "Stack", "Split", "SplitWithSizes", "Unbind", "ConstantPadNd",
    "ReflectionPad2D", "UpsampleNearest2D", "UpsampleBilinear2D", "Embedding", "EmbeddingBag",
    "Linear", "MkldnnLinear", "Unfold", "Col2Im", "Im2Col", "AsStrided", "UnsafeSplit", "PixelShuffle",
    *VIEWS,
)  # fmt: skip
PRODUCTS = ("Mm", "Bmm", "Mv", "Dot")
WEIGHTED = ("Addmm", *PRODUCTS, "Convolution", "Linear", "MkldnnLinear", "SlowConv")


@dataclass(frozen=True)
class Walk:
    """What a graph holds.

    Attributes:
        leaves: the tensors that gradients are computed for.
        nodes: how many nodes it has.
    """

    leaves: tuple[Tensor, ...]
    nodes: int


def walk(roots: list[Tensor]) -> Walk:
    """All of the graph behind some tensors."""
    leaves = {id(root): root for root in roots if root.grad_fn is None and root.requires_grad}
    nodes = 0
    for node in graph_nodes(*roots):
        nodes += 1
        variable = getattr(node, "variable", None)
        if isinstance(variable, Tensor):
            leaves[id(variable)] = variable
    return Walk(tuple(leaves.values()), nodes)


def name_of(node: Any) -> str:
    """`Sigmoid` of a `SigmoidBackward0`."""
    name = node.name().rpartition("::")[2]
    return name.rstrip("0123456789").removesuffix("Backward")


def maker(tensor: Tensor, through: tuple[str, ...] = VIEWS) -> str:
    """The name of the operation that computed these numbers, looking through `through`."""
    node = _maker_node(tensor, through)
    return "" if node is None else name_of(node)


def softmax_axis(tensor: Tensor) -> int | None:
    """The axis of the softmax, or its logarithm, that computed these numbers; of a matrix only."""
    node: Any = _maker_node(tensor, ("Clone", "ToCopy", "Alias", "Index", "Slice", "IndexSelect"))
    if node is None or name_of(node) not in ("Softmax", "LogSoftmax"):
        return None
    return int(node._saved_dim) if node._saved_result.dim() == 2 else None


def is_of_one_unit(tensor: Tensor) -> bool:
    """Whether a linear layer computed this tensor that gives one number for each input."""
    node = _maker_node(tensor, VIEWS)
    if node is None or name_of(node) not in ("Addmm", "Mm", "Linear", "MkldnnLinear"):
        return False
    weights = [leaf for each, _ in node.next_functions if (leaf := _leaf_behind(each)) is not None]
    matrices = [each for each in weights if each.dim() == 2]
    return len(matrices) == 1 and 1 in matrices[0].shape


def _maker_node(tensor: Tensor, through: tuple[str, ...]) -> Any:
    node = tensor.grad_fn
    while node is not None and name_of(node) in through:
        node = next((each for each, _ in node.next_functions if each is not None), None)
    return node


def weight_layers_if_linear(output: Tensor) -> int:
    """How many layers with weights follow one another, if nothing between them is nonlinear; else 0.

    A last activation is skipped: it does not make the stack before it deeper.
    """
    node: Any = output.grad_fn
    while node is not None and name_of(node) not in LINEAR:
        inputs = [each for each, _ in node.next_functions if each is not None]
        node = inputs[0] if len(inputs) == 1 else _only_weighted(node)
    if node is None:
        return 0
    longest: dict[Any, int] = {}
    factors: list[Tensor] = []  # of the layers that are plain products

    def depth(node: Any) -> int:
        """Layers with weights on the longest path from here; -1 where something is nonlinear."""
        if node in longest:
            return longest[node]
        if hasattr(node, "variable"):
            return 0
        name = name_of(node)
        inputs = [each for each, _ in node.next_functions if each is not None]
        is_scaled = name in ("Mul", "Div") and len(inputs) <= 1 and not _is_gate(node)
        if name not in LINEAR and not is_scaled:
            longest[node] = -1
            return -1
        below = [depth(each) for each in inputs]
        if min(below, default=0) < 0:
            longest[node] = -1
            return -1
        weights = [leaf for each in inputs if (leaf := _leaf_behind(each)) is not None]
        if name in PRODUCTS and (len(weights) > 1 or len([b for b in below if b > 0]) > 1):
            longest[node] = -1  # a product of two things that were computed, or that are learned
            return -1
        if name in PRODUCTS:
            factors.extend(weights)
        longest[node] = max(below, default=0) + (name in WEIGHTED and bool(weights))
        return longest[node]

    try:
        layers = max(depth(node), 0)
    except RecursionError:
        return 0
    return 0 if layers == len(factors) == 2 and _are_low_rank(*factors) else layers


def _is_gate(node: Any) -> bool:
    """Whether a product picks some of its numbers by another tensor, as `x * (x > 0)` does.

    A constant of fewer numbers scales, and so does a dropout's mask, which holds 0 and one number that is not 1.
    """
    for name in ("_saved_other", "_saved_self"):
        factor = getattr(node, name, None)
        if isinstance(factor, Tensor) and factor.dim() > 1 and len(factor) > 1:
            scale = float(factor.max())
            return scale == 1 or bool(((factor != 0) & (factor != scale)).any())
    return False


def bare_pairs(
    outputs: list[Tensor], layers: dict[int, nn.Linear]
) -> list[tuple[nn.Linear, nn.Linear]]:
    """Linear layers of which the second gets what the first gives, as it is, and nobody else does.

    Only where the first is no bottleneck: else the two together are a matrix of low rank, on purpose.

    Args:
        outputs: all that the network returned.
        layers: the linear layers, by the `id` of their weight.
    """
    users: Counter[Any] = Counter(each.grad_fn for each in outputs)
    second: list[tuple[Any, nn.Linear]] = []
    made_by: dict[Any, nn.Linear] = {}
    for node in graph_nodes(*outputs):
        users.update(each for each, _ in node.next_functions if each is not None)
        if name_of(node) in ("Addmm", "Mm", "Linear", "MkldnnLinear"):
            for each, _ in node.next_functions:
                layer = layers.get(id(_leaf_behind(each)))
                if layer is not None:
                    made_by[node] = layer
                    second.append((node, layer))
    pairs = []
    for node, layer in second:
        inputs = [each for each, _ in node.next_functions if _leaf_behind(each) is None]
        before: Any = next((each for each in inputs if each is not None), None)
        while before is not None and users[before] == 1 and before not in made_by:
            is_dropped = name_of(before) == "Mul" and not _is_gate(before)
            if name_of(before) not in VIEWS and not is_dropped:
                break
            before = next((each for each, _ in before.next_functions if each is not None), None)
        first = made_by.get(before)
        if first is None or first is layer or users[before] > 1:
            continue
        if first.out_features >= min(first.in_features, layer.out_features):
            pairs.append((first, layer))
    return pairs


def _leaf_behind(node: Any) -> Tensor | None:
    """The leaf that a node shows, itself or in another form."""
    while node is not None and name_of(node) in VIEWS:
        node = next((each for each, _ in node.next_functions if each is not None), None)
    return getattr(node, "variable", None)


def _are_low_rank(second: Tensor, first: Tensor) -> bool:
    """Whether two matrices meet at an axis that is shorter than the others: a matrix of low rank, on purpose."""
    shared = set(first.shape) & set(second.shape)
    others = (set(first.shape) | set(second.shape)) - shared
    return len(shared) == 1 and bool(others) and max(shared) < min(others)


def _only_weighted(node: Any) -> Any:
    """The one layer with weights behind an activation of several operations; None if there are others.

    exp(x) / (exp(x) + 1) has one behind it; a product of two layers has two.
    """
    found, seen, waiting = set(), {node}, [node]
    while waiting:
        current = waiting.pop()
        if hasattr(current, "variable"):
            return None
        if name_of(current) in WEIGHTED:
            found.add(current)
            continue
        following = {each for each, _ in current.next_functions if each is not None} - seen
        seen |= following
        waiting += following
    return found.pop() if len(found) == 1 else None


def in_transform() -> bool:
    """Whether `torch.func.grad`, `vmap` or the like is at work: tensors may have no values to look at."""
    return torch._C._functorch.peek_interpreter_stack() is not None  # type: ignore[attr-defined]


def is_parameter(leaf: Tensor) -> bool:
    """Whether a leaf is a network's parameter, rather than an input that somebody asked about."""
    return isinstance(leaf, nn.Parameter)
