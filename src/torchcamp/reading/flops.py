"""Floating point operations of one ATen call: matrix products, convolutions, attention, recurrence.

The convention is that of `torch.utils.flop_counter`: a multiplication and an addition are two, and
element-wise work, norms, pooling and softmax are free. Its formulas are used where it has one;
below are those that it lacks on a CPU, and convolutions: torch 2.13 counts the backward pass of a grouped
one as if it had a single group (a depthwise 3x3 on 64 channels of 32x32: 76.7 million for 2.36).
Work without a formula is reported as unknown, not as zero.
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
FREE = ("_linalg_check_errors",)
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
    sparse = next((x for x in args if isinstance(x, Tensor) and x.layout != torch.strided), None)
    if packet in flop_registry:
        if sparse is not None:
            return _sparse_product(sparse, args)
        return _count(flop_registry[packet], args, kwargs, out)
    if name.startswith(UNKNOWN) and name not in FREE:
        return None
    return 0


def _count(formula: Callable[..., int], args: Any, kwargs: Any, out: Any) -> int:
    return int(formula(*args, **kwargs, out_val=out))


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


def _convolution(args: tuple[Any, ...], out: Any) -> int:
    """Each output meets its filter; of a transposed one, each input does.

    The filters are (O, I / groups, K, ...), of a transposed convolution (I, O / groups, K, ...).
    """
    x, weight, transposed = args[0], args[1], args[6]
    return 2 * (x if transposed else out).numel() * math.prod(weight.shape[1:])


def _convolution_backward(args: tuple[Any, ...], out: Any) -> int:
    """As often as the forward pass: once for the input's gradient, once for the filters'."""
    grad, x, weight, transposed, wanted = args[0], args[1], args[2], args[7], args[10]
    once = 2 * (x if transposed else grad).numel() * math.prod(weight.shape[1:])
    return once * (bool(wanted[0]) + bool(wanted[1]))


def _vectors(args: tuple[Any, ...], out: Any) -> int:
    """mv, addmv: as many products as the matrix has elements."""
    return 2 * max(x.numel() for x in args if isinstance(x, Tensor))


OURS: dict[str, Callable[[tuple[Any, ...], Any], int | None]] = {
    "convolution": _convolution,
    "_convolution": _convolution,
    "convolution_backward": _convolution_backward,
    "mkldnn_rnn_layer": _lstm,
    "mkldnn_rnn_layer_backward": lambda args, out: 2 * _lstm(args, out),
    "_cudnn_rnn": _cudnn_rnn,
    "_cudnn_rnn_backward": lambda args, out: 2 * _cudnn_rnn(args, out),
    "mv": _vectors,
    "addmv": _vectors,
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
