"""The autograd graph of a few lines: its nodes, and the gradients that flow back through them.

Runs in the judge's child process, because the learner may type anything.
"""

import ast
import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from torchcamp.base.wire import Reply

MAX_NODES = 48  # the most a figure can draw
MAX_NUMBERS = 4  # the most elements of a tensor that are written out


class _Results(TorchFunctionMode):
    """Remembers each node's value and the line that created the node."""

    def __init__(self) -> None:
        super().__init__()
        self.line = 0
        self.made: dict[Any, tuple[Tensor, int]] = {}  # node -> its value and line, oldest first

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for each in result if isinstance(result, tuple | list) else [result]:
            node = each.grad_fn if isinstance(each, Tensor) else None
            if node is not None and node not in self.made:
                self.made[node] = (each.detach(), self.line)
        return result


def tape_of(code: str) -> Reply:
    """Run `code` line by line, then call `backward()` on the result of its last line.

    Returns:
        `nodes` in the order of their creation (id, title, names, line, value, grad, layer, position
        in the backward pass), `edges` (from a node to its inputs, with the gradient that flows
        along), `untaped` (names of tensors without requires_grad); or `error`, a message for the
        learner.
    """
    try:
        statements = ast.parse(code).body
    except SyntaxError as error:
        return {"error": f"Python cannot read line {error.lineno}: {error.msg}."}
    namespace: dict[str, Any] = {"torch": torch, "F": F, "nn": nn, "math": math}
    given = set(namespace)
    results, last = _Results(), None
    torch.manual_seed(0)
    with results:
        for statement in statements:
            if _calls_backward(statement):
                continue  # the figure runs the backward pass itself, step by step
            results.line = statement.lineno
            try:
                if isinstance(statement, ast.Expr):
                    last = eval(compile(ast.Expression(statement.value), "code", "eval"), namespace)
                else:
                    exec(compile(ast.Module([statement], []), "code", "exec"), namespace)
                    if isinstance(statement, ast.Assign) and isinstance(
                        statement.targets[0], ast.Name
                    ):
                        last = namespace[statement.targets[0].id]
            except Exception as error:
                message = str(error).strip().splitlines()
                name = type(error).__name__
                reason = f"{name}: {message[0]}" if message else name
                return {"error": f"Line {statement.lineno} raised {reason}"}
    if not isinstance(last, Tensor) or last.grad_fn is None:
        return {
            "error": "Nothing is on the tape: the last line must compute a tensor from one created "
            "with requires_grad=True."
        }
    if last.numel() != 1:
        return {
            "error": f"The last line computes a tensor of shape {tuple(last.shape)}, but backward() "
            "needs a single number: take its sum or its mean."
        }
    names = {
        name: value
        for name, value in namespace.items()
        if name not in given and isinstance(value, Tensor)
    }
    return _graph(last, names, results.made)


def _calls_backward(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Attribute)
        and statement.value.func.attr == "backward"
    )


def _graph(root: Tensor, names: dict[str, Tensor], made: dict[Any, tuple[Tensor, int]]) -> Reply:
    nodes = _parents_first(root.grad_fn)
    if len(nodes) > MAX_NODES:
        return {"error": f"{len(nodes)} nodes: this figure can draw at most {MAX_NODES}."}
    number = {node: i for i, node in enumerate(nodes)}
    passed = _Backward(number)
    root.backward()
    layers: dict[Any, int] = {}
    entries, edges = [], []
    for node, i in number.items():
        parents = [parent for parent, _ in node.next_functions if parent is not None]
        layers[node] = 1 + max((layers[p] for p in parents), default=-1)
        leaf = getattr(node, "variable", None)
        value, line = (leaf.detach(), 0) if leaf is not None else made.get(node, (None, 0))
        own = [
            name for name, t in names.items() if t is leaf or (leaf is None and t.grad_fn is node)
        ]
        title = (
            "leaf" if leaf is not None else node.name().removesuffix("0").replace("Backward", "")
        )
        entries.append(
            {
                "id": i,
                "title": title,
                "names": own,
                "line": line,
                "value": "" if value is None else write(value),
                "grad": write(passed.arrived[i]) if i in passed.arrived else "",
                "layer": layers[node],
                "turn": passed.order.index(i) if i in passed.order else len(passed.order),
            }
        )
        edges += [
            {
                "from": i,
                "to": number[parent],
                "grad": write(passed.flows[i, slot]) if (i, slot) in passed.flows else "",
            }
            for slot, (parent, _) in enumerate(node.next_functions)
            if parent is not None
        ]
    untaped = [name for name, tensor in names.items() if not tensor.requires_grad]
    return {"nodes": entries, "edges": edges, "untaped": untaped}


class _Backward:
    """Watches a backward pass by hooks on its nodes.

    order: the nodes' numbers as they run. arrived: the gradient that reached each. flows: the
    gradient that each sent through each of its slots.
    """

    def __init__(self, number: dict[Any, int]) -> None:
        self.order: list[int] = []
        self.arrived: dict[int, Tensor] = {}
        self.flows: dict[tuple[int, int], Tensor] = {}
        for node, i in number.items():
            node.register_prehook(self._before(i))
            if node.next_functions:
                node.register_hook(self._after(i, node))

    def _before(self, i: int) -> Callable[[tuple[Tensor, ...]], None]:
        def hook(grads: tuple[Tensor, ...]) -> None:
            self.order.append(i)
            if grads and grads[0] is not None:
                self.arrived[i] = grads[0].detach().clone()

        return hook

    def _after(self, i: int, node: Any) -> Callable[[tuple[Tensor, ...], tuple[Tensor, ...]], None]:
        def hook(grad_inputs: tuple[Tensor, ...], _: tuple[Tensor, ...]) -> None:
            for slot, ((parent, _n), grad) in enumerate(
                zip(node.next_functions, grad_inputs, strict=False)
            ):
                if parent is not None and grad is not None:
                    self.flows[i, slot] = grad.detach().clone()

        return hook


def _parents_first(root: Any) -> list[Any]:
    """The nodes that `root` reaches, each after all of its inputs."""
    order: list[Any] = []
    seen = set()

    def visit(node: Any) -> None:
        if node is None or node in seen:
            return
        seen.add(node)
        for parent, _ in node.next_functions:
            visit(parent)
        order.append(node)

    visit(root)
    return order


def write(tensor: Tensor) -> str:
    """The elements of a small tensor, or the shape of a larger one."""
    if tensor.numel() == 1:
        return f"{tensor.item() + 0.0:.3g}"  # + 0.0: no negative zeros
    if tensor.numel() <= MAX_NUMBERS:
        return "[" + ", ".join(f"{v + 0.0:.3g}" for v in tensor.flatten().tolist()) + "]"
    return f"({', '.join(map(str, tensor.shape))})"
