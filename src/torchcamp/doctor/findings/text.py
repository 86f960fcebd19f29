"""What the text shows, checked against the run where that can be: notes, and one warning.

Silent when in doubt: a text can be read in more than one way.
"""

import ast
import os
import re
from collections.abc import Iterator, Mapping

import torch
from torch import nn

from torchcamp.doctor.findings.found import Found, plural
from torchcamp.doctor.findings.gradients import stepping
from torchcamp.doctor.recording import Recording, Watching, Where

Trees = Mapping[str, ast.Module]
LEAST_DECAY = 1e-4  # from which on a decay pulls at all within a training
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
    yield from _never_stepped(recording, trees)
    yield from _best_is_the_network(recording, trees)


def has_step(tree: ast.Module) -> bool:
    """Whether a script calls `.step(...)` of what may be an optimizer: not of a scheduler, nor `env.step(action)`."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "step"
        and not re.search("sched|env|game|world|profiler", ast.unparse(node.func.value).lower())
        for node in ast.walk(tree)
    )


SETTERS = {"init", "reset_parameters", "normal_", "uniform_", "constant_", "fill_", "zero_"}
SIZES = {"batch_size", "batchsize", "bs"}
SETTINGS = {
    "args",
    "opt",
    "opts",
    "cfg",
    "config",
    "conf",
    "hparams",
    "params",
    "flags",
    "options",
    "hp",
}
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
    methods = {
        id(node)
        for _, each in _walk(trees)
        if isinstance(each, ast.ClassDef)
        for node in each.body
        # Another base class may call what is defined here.
        if each.bases and all(_last_name(base) == "Module" for base in each.bases)
    }
    for file, node in _walk(trees):
        if not isinstance(node, ast.FunctionDef) or not node.args.args or node.name in used:
            continue
        names = _names(node)
        is_method = node.args.args[0].arg == "self"
        if is_method:
            sets_weights = id(node) in methods and "init" in names
        else:
            sets_weights = len(node.args.args) == 1 and bool(SETTERS & names)
        if (
            sets_weights
            and any(word in node.name.lower() for word in ("init", "weight", "reset"))
            and not node.name.startswith("__")
        ):
            yield Found(
                code="init-not-applied",
                where=Where(file, node.lineno),
                words=f"{node.name} sets weights, and nothing calls or applies it.",
            )


def _last_name(node: ast.expr) -> str:
    """`Module` of `nn.Module`."""
    return ast.unparse(node).rpartition(".")[2]


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
    """`torch.manual_seed`, `L.seed_everything`, an own `fix_seed`; not numpy's, nor a generator's.

    The arguments of a Trainer of Hugging Face hold a seed, set or not.
    """
    owner, _, last = ast.unparse(function).rpartition(".")
    if last.endswith("TrainingArguments"):
        return True
    if "seed" not in last.lower() or last == "initial_seed":
        return False
    if last == "manual_seed":
        return not owner or owner in ("torch", "torch.random")
    return not owner or (last != "seed" and owner.partition(".")[0] not in ("np", "numpy"))


def _over_constant(recording: Recording, trees: Trees) -> Iterator[Found]:
    """A count is divided by what a full batch has, or by that times the number of batches."""
    is_short = {e.where: e.has_short_last for loader in recording.loaders for e in loader.episodes}
    if not any(is_short.values()):
        return
    for file, tree in trees.items():
        loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
        divisions = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _counts(node.left)
        ]
        over = {ast.unparse(node.right) for node in divisions}
        suspects: list[tuple[ast.AST, ast.expr]] = []
        for node in divisions:
            parts = [node.right]
            if isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Mult):
                parts = [node.right.left, node.right.right]
                if not any(isinstance(p, ast.Call) and _last_name(p.func) == "len" for p in parts):
                    continue
            suspects += [(node, part) for part in parts]
        suspects += [
            (node, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.AugAssign)
            and isinstance(node.op, ast.Add)
            and ast.unparse(node.target) in over
        ]
        for node, part in suspects:
            around = [
                is_short[Where(file, loop.lineno)]
                for loop in loops
                if Where(file, loop.lineno) in is_short and any(n is node for n in ast.walk(loop))
            ]
            if _is_constant_size(part, tree) and (not around or any(around)):
                yield Found(
                    code="accuracy-over-constant",
                    where=Where(file, node.lineno),  # type: ignore[attr-defined]
                    words=f"A count is divided by {ast.unparse(part)} for each batch, and the last batch is shorter.",
                )


def _counts(node: ast.expr) -> bool:
    counted = " ".join(_names(node)).lower()
    return any(word in counted for word in ("sum", "correct", "hits", "right"))


def _is_constant_size(node: ast.expr, tree: ast.Module) -> bool:
    """Whether an expression is the size of a full batch: `batch_size`, set once, or `args.batch_size`."""
    if isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value).lower()
        return node.attr.lower() in SIZES and owner.rpartition(".")[2] in SETTINGS
    if not isinstance(node, ast.Name) or node.id.lower() not in SIZES:
        return False
    bound = [each for each in ast.walk(tree) if isinstance(each, ast.arg) and each.arg == node.id]
    values = [
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Assign | ast.AnnAssign)
        and each.value is not None
        and node.id in _stored(each)
    ]
    return (
        not bound
        and bool(values)
        and not any({"size", "shape", "len", "numel"} & _names(value) for value in values)
    )


def _stored(node: ast.AST) -> set[str]:
    """The names that a statement sets."""
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


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
            if group.get("weight_decay", 0) >= LEAST_DECAY
            for parameter in group["params"]
        )
        calls = [
            node
            for file, node in _walk(trees)
            if isinstance(node, ast.Call)
            and file == watching.where.file
            and node.lineno <= watching.where.line <= (node.end_lineno or node.lineno)
        ]
        helpers = set().union(*(_names(call) for call in calls), set())
        asking = [
            *calls,
            *(n for _, n in _walk(trees) if isinstance(n, ast.FunctionDef) and n.name in helpers),
        ]
        is_asked = any(
            getattr(part, "arg", None) == "weight_decay"
            or getattr(part, "value", None) == "weight_decay"
            for call in asking
            for part in ast.walk(call)
        )
        if decayed and is_asked and not _is_usual(watching.optimizer):
            yield Found(
                code="weight-decay-on-norms",
                where=watching.where,
                words=f"Weight decay acts on {decayed} scales and shifts of norm layers too.",
                numbers={"parameters": decayed},
            )


def _is_usual(optimizer: torch.optim.Optimizer) -> bool:
    """SGD with a decay of about 1e-4 on everything is how residual networks are trained."""
    return isinstance(optimizer, torch.optim.SGD) and all(
        group.get("weight_decay", 0) <= 1e-3 for group in optimizer.param_groups
    )


def _best_on_test(trees: Trees) -> Iterator[Found]:
    for file, tree in trees.items():
        tested = _measured_on_test(tree)
        for node in ast.walk(tree):
            asked = _chooses(node)
            if asked is None:
                continue
            names = {part.id for part in ast.walk(asked) if isinstance(part, ast.Name)}
            if names & tested or any(_is_test(name) for name in _names(asked)):
                yield Found(
                    code="best-epoch-on-test-set",
                    where=Where(file, asked.lineno),
                    words=f"Weights are kept when {ast.unparse(asked)}: the test set chooses them.",
                )


def _chooses(node: ast.AST) -> ast.expr | None:
    """The expression that decides whether weights are kept: a comparison with the best, or early stopping."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
        keeps = {"save", "deepcopy", "state_dict"} & set().union(*(_names(n) for n in node.body))
        if keeps and any("best" in name.lower() for name in _names(node.test)):
            return node.test
    if isinstance(node, ast.Call) and len(node.args) >= 2:  # stopper(loss, model)
        name = _last_name(node.func).lower()
        if "stopper" in name or "early_stop" in name or "earlystop" in name:
            return node
    return None


def _is_test(name: str) -> bool:
    name = name.lower()
    return name.startswith("test") or name.endswith("_test")


def _measured_on_test(tree: ast.Module) -> set[str]:
    """Names whose values come, each time, from a call that gets test data: `measure(test_loader)`."""
    found: dict[str, list[bool]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant):
            given = node.value.args if isinstance(node.value, ast.Call) else []
            is_test = any(_is_test(name) for each in given for name in _names(each))
            for name in _stored(node):
                found.setdefault(name, []).append(is_test)
    return {name for name, values in found.items() if all(values)}


def _checkpoint(recording: Recording, trees: Trees) -> Iterator[Found]:
    """A script that can be resumed, and saves the network alone."""
    stateful = [
        watching
        for watching in stepping(recording)
        if watching.optimizer.state and any(watching.optimizer.state.values())
    ]
    if not stateful:
        return
    if not _resumes(trees):
        yield from _saved_under_way(recording, stateful)
        return
    optimizers = {"opt"} | {
        name
        for _, node in _walk(trees)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and hasattr(torch.optim, _last_name(node.value.func))
        for name in _names(node.targets[0]) - {"self"}
    }
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
        saved = [node.args[0]]
        if isinstance(node.args[0], ast.Name):  # built elsewhere: look at where it gets its values
            saved += _values_of(node.args[0].id, trees[file])
        if not any(isinstance(each, ast.Dict | ast.Call) for each in saved):
            continue
        words = set().union(*(_names(each) | _texts(each) for each in saved))
        if "state_dict" not in words:
            continue
        if any("optim" in word.lower() or word in optimizers for word in words):
            return  # the others are the result, to be used and not trained on
        incomplete.append(Where(file, node.lineno))
    for where in incomplete[:1]:
        yield Found(
            code="checkpoint-incomplete",
            where=where,
            words="What is saved to be resumed holds the network and not the optimizer, which has a state of its own.",
        )


def _resumes(trees: Trees) -> bool:
    """Whether the text says that training goes on from a file."""
    names = {name.lower() for tree in trees.values() for name in _names(tree)}
    texts = {
        node.value.lower()
        for _, node in _walk(trees)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 40
    }
    return "load_state_dict" in names and (
        _begins_later(trees) or any("resume" in word for word in names | texts)
    )


def _saved_under_way(recording: Recording, stateful: list[Watching]) -> Iterator[Found]:
    """The text says nothing of going on, but who keeps the number of the epoch may want to: a note."""
    saved = recording.saved
    if any(each.has_state for each in saved):
        return  # the others are the result, to be used and not trained on
    under_way = [
        each
        for each in saved
        if each.tensors
        and each.progress
        and each.steps < recording.num_steps
        and not re.search("best|final", f"{os.path.basename(each.name)} {each.progress}".lower())
    ]
    if under_way:
        last = under_way[-1]
        state = sum(
            1
            for watching in stateful
            for kept in watching.optimizer.state.values()
            for each in kept.values()
            if isinstance(each, torch.Tensor) and each.dim()
        )
        come = ", ".join(f"{name} = {number}" for name, number in last.progress.items())
        yield Found(
            code="checkpoint-incomplete",
            where=last.where,
            words=f"What is saved holds {plural(last.tensors, 'tensor')} of weights and {come}, and none of the "
            f"{plural(state, 'tensor')} that the optimizer keeps, after {plural(last.steps, 'step')}.",
            numbers={"weights": last.tensors, "state": state, "steps": last.steps},
            seen=len(under_way),
            severity="note",
        )


def _begins_later(trees: Trees) -> bool:
    """Whether the first epoch is read from what was loaded: `start_epoch = checkpoint["epoch"] + 1`."""
    return any(
        isinstance(node, ast.Assign)
        and any("epoch" in name for name in _stored(node))
        and "epoch" in _texts(node.value)
        for _, node in _walk(trees)
    )


def _values_of(name: str, tree: ast.Module) -> list[ast.expr]:
    """What a name is set to, and what its items are: `state = {...}`, `state["key"] = ...`."""
    values = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                whole = target.value if isinstance(target, ast.Subscript) else target
                if isinstance(whole, ast.Name) and whole.id == name:
                    values += [node.value, target]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == f"{name}.update":
            values.append(node)
    return values


def _texts(node: ast.AST) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def _never_stepped(recording: Recording, trees: Trees) -> Iterator[Found]:
    """One of several optimizers that gets gradients and whose `step` the text never calls."""
    held_elsewhere = recording.trained()
    for watching in recording.optimizers.values():
        keys = {id(p) for p in watching.parameters()}
        passes = sum(
            bool(each.reached & keys) and each.time > watching.born for each in recording.backwards
        )
        if watching.steps or keys & held_elsewhere or passes < 3:
            continue
        if not all(recording.is_unmoved(key) for key in keys if recording.was_reached(key)):
            continue
        name = _name_given_at(watching.where, trees)
        if name and _is_only_zeroed(name, trees):
            yield Found(
                code="no-step",
                where=watching.where,
                words=f"{plural(passes, 'backward pass')} reached the {plural(len(keys), 'parameter')} of this "
                f"optimizer, {recording.num_steps} steps were taken by others, and {name}.step() is nowhere: none of "
                "them ever moved.",
                numbers={"passes": passes, "parameters": len(keys)},
                seen=passes,
                mend=f"{name}.step() after the backward pass",
            )


def _name_given_at(where: Where, trees: Trees) -> str:
    """The name that the statement on a line gives to what it makes: `opt` or `self.opt`; "" if it has none."""
    for node in ast.walk(trees[where.file]) if where.file in trees else ():
        if isinstance(node, ast.Assign) and node.lineno <= where.line <= (node.end_lineno or 0):
            target = node.targets[0]
            if isinstance(target, ast.Name | ast.Attribute) and isinstance(node.value, ast.Call):
                return ast.unparse(target)
    return ""


def _is_only_zeroed(name: str, trees: Trees) -> bool:
    """Whether a text uses an optimizer for nothing that may take a step: it zeroes it, schedules it, saves it."""
    last = name.rpartition(".")[2]
    harmless = 0
    for _, node in _walk(trees):
        if isinstance(node, ast.Attribute) and _last_name(node.value) == last:
            harmless += node.attr in ("zero_grad", "state_dict", "load_state_dict", "param_groups")
        elif isinstance(node, ast.Call) and "lr_scheduler" in ast.unparse(node.func):
            harmless += any(_last_name(each) == last for each in node.args)
        elif isinstance(node, ast.Assign):
            harmless += any(ast.unparse(target) == name for target in node.targets)
    uses = sum(
        (isinstance(node, ast.Name) and node.id == last)
        or (isinstance(node, ast.Attribute) and node.attr == last)
        for _, node in _walk(trees)
    )
    return uses == harmless


def _best_is_the_network(recording: Recording, trees: Trees) -> Iterator[Found]:
    """`best_model = model` where the model is the best so far: another name for what trains on."""
    for file, tree in trees.items():
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.Lambda)]
        for loop in ast.walk(tree):
            if (
                not isinstance(loop, ast.For | ast.While)
                or Where(file, loop.lineno) not in recording.cuts
            ):
                continue
            made_anew = {
                ast.unparse(part)
                for part in ast.walk(loop)
                if isinstance(part, ast.Name | ast.Attribute) and isinstance(part.ctx, ast.Store)
            }
            for node in ast.walk(loop):
                kept = _kept_as_best(node)
                if kept is None:
                    continue
                best, model = kept
                within = [f for f in functions if loop.lineno < f.lineno <= best.lineno]
                is_network = any(
                    isinstance(part, ast.Attribute)
                    and part.attr in ("parameters", "eval", "train", "state_dict")
                    and ast.unparse(part.value) == ast.unparse(model)
                    for part in ast.walk(tree)
                )
                used_later = sum(
                    isinstance(part, ast.Name | ast.Attribute)
                    and isinstance(part.ctx, ast.Load)
                    and ast.unparse(part) == ast.unparse(best)
                    for part in ast.walk(tree)
                )
                if within or not is_network or not used_later or ast.unparse(model) in made_anew:
                    continue
                yield Found(
                    code="best-weights-are-an-alias",
                    where=Where(file, best.lineno),
                    words=f"{ast.unparse(best)} is {ast.unparse(model)} itself under another name, in a loop that "
                    f"goes on to train it: {plural(recording.num_steps, 'step')} moved both.",
                    numbers={"steps": recording.num_steps},
                    mend=f"{ast.unparse(best)} = copy.deepcopy({ast.unparse(model)})",
                    severity="warning",
                )


def _kept_as_best(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """`best_model = model` under a comparison with the best so far; None where the loop ends with it."""
    if not isinstance(node, ast.If) or not any(
        "best" in each.lower() for each in _names(node.test)
    ):
        return None
    if any(
        isinstance(each, ast.Break | ast.Return) for part in node.body for each in ast.walk(part)
    ):
        return None
    for each in node.body:
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Name | ast.Attribute):
            best = each.targets[0]
            words = ast.unparse(best).lower()
            if "best" in words and re.search("model|net|weights|state", words):
                return best, each.value
    return None
