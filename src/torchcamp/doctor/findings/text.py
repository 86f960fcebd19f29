"""What the text shows, checked against the run where that can be: notes, and one warning.

Silent when in doubt: a text can be read in more than one way.
"""

import ast
from collections.abc import Iterator, Mapping

from torch import nn

from torchcamp.doctor.findings.found import Found
from torchcamp.doctor.findings.gradients import stepping
from torchcamp.doctor.recording import Recording, Where

Trees = Mapping[str, ast.Module]
NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)


def find(recording: Recording, trees: Trees) -> Iterator[Found]:
    """Findings that need the source.

    Args:
        trees: the user's files that ran, by their paths.
    """
    if not recording.num_steps:
        return
    yield from _init_not_applied(trees)
    yield from _seed_not_set(recording, trees)
    yield from _over_constant(recording, trees)
    yield from _mean_of_means(recording, trees)
    yield from _decayed_norms(recording, trees)
    yield from _best_on_test(trees)
    yield from _checkpoint(recording, trees)


def has_step(tree: ast.Module) -> bool:
    """Whether a script calls `.step(...)` on anything but a scheduler."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "step"
        and "sched" not in ast.unparse(node.func.value).lower()
        for node in ast.walk(tree)
    )


RATES = {"lr", "learning_rate", "rate", "step_size", "eta", "alpha"}


def scales_gradient(tree: ast.Module) -> bool:
    """Whether a script multiplies something with `.grad` in it by a learning rate: a step by hand."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mult)
        and "grad" in _names(node)
        and RATES & {name.lower() for name in _names(node)}
        for node in ast.walk(tree)
    )


def _walk(trees: Trees) -> Iterator[tuple[str, ast.AST]]:
    for file, tree in trees.items():
        for node in ast.walk(tree):
            yield file, node


def _names(node: ast.AST) -> set[str]:
    """Every name and attribute in an expression."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def _init_not_applied(trees: Trees) -> Iterator[Found]:
    used = set().union(*(_names(tree) for tree in trees.values()), set())
    for file, node in _walk(trees):
        if (
            isinstance(node, ast.FunctionDef)
            and len(node.args.args) == 1
            and node.args.args[0].arg != "self"
            and any(word in node.name.lower() for word in ("init", "weight", "reset"))
            and not node.name.startswith("__")
            and node.name not in used
            and {"init", "reset_parameters", "normal_", "uniform_", "constant_", "fill_", "zero_"}
            & _names(node)
        ):
            yield Found(
                code="init-not-applied",
                where=Where(file, node.lineno),
                words=f"{node.name} sets weights, and nothing calls or applies it.",
            )


def _seed_not_set(recording: Recording, trees: Trees) -> Iterator[Found]:
    if any(isinstance(node, ast.Call) and _seeds_torch(node.func) for _, node in _walk(trees)):
        return
    first = min(stepping(recording), key=lambda each: each.born, default=None)
    by_hand = recording.hand_steps[1:2]
    if first is not None or by_hand:
        yield Found(
            code="seed-not-set",
            where=first.where if first is not None else by_hand[0].where,
            words="Weights and batches are drawn at random, and nothing sets a seed.",
        )


def _seeds_torch(function: ast.expr) -> bool:
    """`torch.manual_seed`, `L.seed_everything`, an own `set_seed`; not numpy's, nor a generator's."""
    name = ast.unparse(function)
    last = name.rpartition(".")[2]
    return (
        last == "seed_everything"
        or name.endswith(("torch.manual_seed", "random.manual_seed"))
        or ("seed" in last and last == name)
        or last in ("set_seed", "manual_seed_all", "seed_all")
    )


def _over_constant(recording: Recording, trees: Trees) -> Iterator[Found]:
    if not any(e.has_short_last for loader in recording.loaders for e in loader.episodes):
        return
    for file, node in _walk(trees):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
            continue
        over = node.right
        name = over.attr if isinstance(over, ast.Attribute) else getattr(over, "id", "")
        counted = " ".join(_names(node.left)).lower()
        is_count = any(word in counted for word in ("sum", "correct", "hits", "right"))
        if name.lower() in ("batch_size", "batchsize", "bs") and is_count:
            yield Found(
                code="accuracy-over-constant",
                where=Where(file, node.lineno),
                words=f"The count of a batch is divided by {ast.unparse(over)}, and the last batch is shorter.",
            )


def _mean_of_means(recording: Recording, trees: Trees) -> Iterator[Found]:
    short = {e.where for loader in recording.loaders for e in loader.episodes if e.has_short_last}
    for file, tree in trees.items():
        averaged = {
            (ast.unparse(node.left), ast.unparse(node.right.args[0])): node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Div)
            and isinstance(node.right, ast.Call)
            and getattr(node.right.func, "id", "") == "len"
            and len(node.right.args) == 1
        }
        for loop in ast.walk(tree):
            if not isinstance(loop, ast.For) or Where(file, loop.lineno) not in short:
                continue
            iterated = {ast.unparse(part) for part in ast.walk(loop.iter)}
            for node in ast.walk(loop):
                if not (isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add)):
                    continue
                # A count such as (answers == y).sum() weighs each item alike.
                weighted = "sum" in _names(node.value) or any(
                    isinstance(n, ast.Mult) for n in ast.walk(node.value)
                )
                total = ast.unparse(node.target)
                line = next(
                    (
                        line
                        for (left, loader), line in averaged.items()
                        if left == total and loader in iterated
                    ),
                    None,
                )
                if "item" in _names(node.value) and not weighted and line is not None:
                    yield Found(
                        code="last-batch-weighted-wrong",
                        where=Where(file, line),
                        words=f"{total} adds one mean for each batch, and the last batch is shorter than the others.",
                        related=(Where(file, node.lineno),),
                    )


def _decayed_norms(recording: Recording, trees: Trees) -> Iterator[Found]:
    norms = {
        id(parameter)
        for network in recording.networks.values()
        for module in nn.Module.modules(network.module)
        if isinstance(module, NORMS)
        for parameter in module.parameters(recurse=False)
    }
    for watching in stepping(recording):
        decayed = sum(
            id(parameter) in norms
            for group in watching.optimizer.param_groups
            if group.get("weight_decay")
            for parameter in group["params"]
        )
        calls = [
            node
            for file, node in _walk(trees)
            if isinstance(node, ast.Call)
            and file == watching.where.file
            and node.lineno <= watching.where.line <= (node.end_lineno or node.lineno)
        ]
        is_asked = any(
            getattr(part, "arg", None) == "weight_decay"
            or getattr(part, "value", None) == "weight_decay"
            for call in calls
            for part in ast.walk(call)
        )
        if decayed and is_asked:
            yield Found(
                code="weight-decay-on-norms",
                where=watching.where,
                words=f"Weight decay acts on {decayed} scales and shifts of norm layers too.",
                numbers={"parameters": decayed},
            )


def _best_on_test(trees: Trees) -> Iterator[Found]:
    for file, node in _walk(trees):
        if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
            continue
        names = {name.lower() for name in _names(node.test)}
        keeps = {"save", "deepcopy", "state_dict"} & set().union(*(_names(n) for n in node.body))
        if (
            keeps
            and any("best" in name for name in names)
            and any(name.startswith("test") or name.endswith("_test") for name in names)
        ):
            yield Found(
                code="best-epoch-on-test-set",
                where=Where(file, node.lineno),
                words=f"Weights are kept when {ast.unparse(node.test)}: the test set chooses them.",
            )


def _checkpoint(recording: Recording, trees: Trees) -> Iterator[Found]:
    """A script that can be resumed, and saves the network alone."""
    stateful = any(
        watching.optimizer.state and any(watching.optimizer.state.values())
        for watching in stepping(recording)
    )
    names = {name.lower() for tree in trees.values() for name in _names(tree)}
    texts = {
        node.value.lower()
        for _, node in _walk(trees)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 40
    }
    resumes = any("resume" in word for word in names | texts) and "load_state_dict" in names
    if not stateful or not resumes:
        return
    saves = [
        (file, node)
        for file, node in _walk(trees)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "save"
        and getattr(node.func.value, "id", "") == "torch"
        and node.args
    ]
    incomplete = []
    for file, node in saves:
        saved = node.args[0]
        if isinstance(saved, ast.Name):  # built elsewhere: look at where it gets its value
            built = [
                each.value
                for each in ast.walk(trees[file])
                if isinstance(each, ast.Assign)
                and saved.id in {ast.unparse(t) for t in each.targets}
            ]
            saved = built[-1] if built else saved
        if not isinstance(saved, ast.Dict | ast.Call) or "state_dict" not in _names(saved):
            continue
        if any("optim" in word.lower() or word.lower() == "opt" for word in _names(saved)):
            return  # the others are the result, to be used and not trained on
        incomplete.append(Where(file, node.lineno))
    for where in incomplete[:1]:
        yield Found(
            code="checkpoint-incomplete",
            where=where,
            words="What is saved to be resumed holds the network and not the optimizer, which has a state of its own.",
        )
