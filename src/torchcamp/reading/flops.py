"""Floating point operations of one ATen call: matrix products, convolutions, attention, recurrence.

The convention is that of `torch.utils.flop_counter`: a multiplication and an addition are two, and
element-wise work, norms, pooling and softmax are free. Its formulas are used where it has one;
below are those that it lacks on a CPU, and those of convolutions, where it forgets the groups in
the gradient of the weights. Work without a formula is reported as unknown, not as zero.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import flop_registry, sdpa_backward_flop_count, sdpa_flop_count

aten = torch.ops.aten

# Heavy work for which there is no formula here.
UNKNOWN = (
    "_transformer_encoder_layer_fwd", "_native_multi_head_attention", "_fused_sdp_choice_",
    "_cdist_forward", "_cdist_backward", "_fft_r2c", "_fft_c2r", "_fft_c2c", "_thnn_fused",
    "grid_sampler", "miopen_rnn", "quantized", "linalg_", "_linalg_", "cholesky", "lu_", "geqrf",
    "ormqr", "triangular_solve", "_trilinear", "_convert_weight", "_weight_int", "_embedding_bag",
)  # fmt: skip
FREE = ("_linalg_check_errors", "linalg_vector_norm")
NAMESPACES = ("aten", "prim", "prims", "profiler", "c10d")


def flops_of(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], out: Any) -> int | None:
    """FLOPs of `func(*args, **kwargs)`, which returned `out`; None where they are unknown."""
    packet = func._overloadpacket
    name = func.__name__.partition(".")[0]
    if func.namespace not in NAMESPACES:
        return _count(flop_registry[packet], args, kwargs, out) if packet in flop_registry else None
    formula = OURS.get(name)
    if formula is not None:
        return formula(args, out)
    if name in CONVOLUTIONS:
        return _convolution(name, _by_name(func, args, kwargs), out)
    sparse = next((x for x in args if isinstance(x, Tensor) and x.layout != torch.strided), None)
    if any(isinstance(x, Tensor) and x.is_nested for x in args):
        return None if packet in flop_registry or name.startswith("matmul") else 0
    if packet in flop_registry:
        if sparse is not None:
            return _sparse_product(sparse, args)
        return _count(flop_registry[packet], args, kwargs, out)
    if name.startswith(UNKNOWN) and name not in FREE:
        return None
    return 0


def flops_by_torch(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], out: Any) -> int:
    """What torch's own counter says of a convolution, for comparison; 0 where it has no formula."""
    formula = flop_registry.get(func._overloadpacket)
    return _count(formula, args, kwargs, out) if formula else 0


def _count(formula: Callable[..., int], args: Any, kwargs: Any, out: Any) -> int:
    return int(formula(*args, **kwargs, out_val=out))


def _by_name(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an operation by the names in its schema."""
    names = [argument.name for argument in func._schema.arguments]
    return dict(zip(names, args, strict=False)) | dict(kwargs)


def _convolution(name: str, arguments: Mapping[str, Any], out: Any) -> int:
    """Forward: the whole weight meets each position of the output (transposed: of the input).

    Positions in the padding count, as in `torch.utils.flop_counter`. The weight is
    (C_out, C_in / groups, *kernel), so groups and dilation need no term of their own. Each of the
    two gradients of the backward pass has the same products once more; the bias is additions alone.
    """
    weight: Tensor = arguments["weight"]
    x: Tensor = arguments["input"] if "input" in arguments else arguments["self"]
    transposed = arguments.get("transposed", "transpose" in name)
    gradient = arguments.get("grad_output")
    times = 1 if gradient is None else sum(arguments.get("output_mask", (True, True))[:2])
    result: Tensor = out if gradient is None else gradient
    over = x if transposed else result
    if name == "conv_tbc":  # (time, batch, channels)
        positions = over.shape[0] * over.shape[1]
    else:
        spatial = over.shape[2 - weight.dim() :]
        batch = over.shape[0] if over.dim() == weight.dim() else 1
        positions = batch * math.prod(spatial)
    return times * 2 * positions * weight.numel()


def _sparse_product(sparse: Tensor, args: tuple[Any, ...]) -> int | None:
    """A sparse matrix times a dense one: each stored element meets each column."""
    dense = [x for x in args if isinstance(x, Tensor) and x.layout == torch.strided]
    if not dense or sparse.dim() != 2:
        return None
    return 2 * sparse._nnz() * dense[-1].shape[-1]


def _lstm(args: tuple[Any, ...], out: Any) -> int:
    """One layer and direction: the gates of each step are a product with [W_ih, W_hh]."""
    x, w_ih, w_hh = args[0], args[1], args[2]
    return 2 * math.prod(x.shape[:-1]) * (w_ih.numel() + w_hh.numel())


def _cudnn_rnn(args: tuple[Any, ...], out: Any) -> int:
    x, weights = args[0], args[1]
    return 2 * math.prod(x.shape[:-1]) * sum(w.numel() for w in weights if w.dim() == 2)


def _products(args: tuple[Any, ...], out: Any) -> int:
    """Forms of addmm, bmm and mm that torch's counter does not know: the last two are factors."""
    left, right = [x for x in args if isinstance(x, Tensor)][-2:]
    return 2 * left.numel() * right.shape[-1]


def _linear(x: Tensor, weight: Tensor) -> int:
    """Met whole on nested tensors: each row meets the weight."""
    return 2 * x.numel() * weight.shape[0]


def _vectors(args: tuple[Any, ...], out: Any) -> int:
    """mv, addmv: as many products as the matrix has elements."""
    return 2 * max(x.numel() for x in args if isinstance(x, Tensor))


CONVOLUTIONS = {
    "convolution", "_convolution", "convolution_overrideable", "conv_tbc", "conv_depthwise3d",
    "_conv_depthwise2d", "_slow_conv2d_forward", "thnn_conv2d", "slow_conv3d",
    "slow_conv3d_forward", "slow_conv_dilated2d", "slow_conv_dilated3d", "slow_conv_transpose2d",
    "slow_conv_transpose3d", "mkldnn_convolution", "_nnpack_spatial_convolution",
    "cudnn_convolution", "cudnn_convolution_relu", "cudnn_convolution_add_relu",
    "cudnn_convolution_transpose", "miopen_convolution", "miopen_convolution_relu",
    "miopen_convolution_add_relu", "miopen_convolution_transpose", "miopen_depthwise_convolution",
    "_mps_convolution", "_mps_convolution_transpose", "convolution_backward",
    "convolution_backward_overrideable", "_slow_conv2d_backward", "mps_convolution_backward",
}  # fmt: skip

OURS: dict[str, Callable[[tuple[Any, ...], Any], int | None]] = {
    "mkldnn_rnn_layer": _lstm,
    "mkldnn_rnn_layer_backward": lambda args, out: 2 * _lstm(args, out),
    "_cudnn_rnn": _cudnn_rnn,
    "_cudnn_rnn_backward": lambda args, out: 2 * _cudnn_rnn(args, out),
    "addmm_": _products,
    "addbmm": _products,
    "addbmm_": _products,
    "baddbmm_": _products,
    "_int_mm": _products,
    "_addmm_activation": _products,
    "linear": lambda args, out: _linear(args[0], args[1]),
    "linear_backward": lambda args, out: _linear(args[0], args[2]) * sum(args[3][:2]),
    "mv": _vectors,
    "addmv": _vectors,
    "addmv_": _vectors,
    "dot": _vectors,
    "vdot": _vectors,
    "_scaled_dot_product_flash_attention_for_cpu": lambda args, out: sdpa_flop_count(
        args[0].shape, args[1].shape, args[2].shape
    ),
    "_scaled_dot_product_flash_attention_for_cpu_backward": lambda args, out: (
        sdpa_backward_flop_count(args[0].shape, args[1].shape, args[2].shape, args[3].shape)
    ),
    "_sparse_addmm": lambda args, out: _sparse_product(args[1], args[1:]),
    "_sparse_mm": lambda args, out: _sparse_product(args[0], args),
}
