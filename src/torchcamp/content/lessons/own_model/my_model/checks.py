"""That it is a recipe on a folder; then what it does: learns, is judged, keeps apart, resumes."""

import copy
import dataclasses
from pathlib import Path

import torch

from torchcamp.base.plain import tensors
from torchcamp.base.seeding import random_state, set_random_state
from torchcamp.data.images import Images
from torchcamp.reading.probes import modes, stale_gradients, unmoved
from torchcamp.training.checkpoint import capture, restore

CPU = torch.device("cpu")
NEEDED = ("build", "network", "evaluate", "load", "for_data", "data", "seed", "epochs")


def stripes(number, seed):
    """Grey pictures whose stripes lie (0) or stand (1), with noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(number) % 2
    phase = torch.randint(6, (number, 1), generator=generator)
    wave = ((torch.arange(28) + phase) % 6 < 3).float() * 150
    lying, standing = wave[:, :, None].expand(-1, 28, 28), wave[:, None, :].expand(-1, 28, 28)
    pictures = torch.where(labels[:, None, None] == 0, lying, standing)
    pictures = pictures + 100 * torch.rand(number, 28, 28, generator=generator)
    return pictures[:, None].to(torch.uint8), labels


def data(test_seed=1):
    train_images, train_labels = stripes(64, 0)
    test_images, test_labels = stripes(40, test_seed)
    return Images(
        name="folder:stripes",
        class_names=("lying", "standing"),
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
    )


def made(submission, images):
    recipe = submission.hand_in().for_data(images)
    return dataclasses.replace(recipe, epochs=40) if dataclasses.is_dataclass(recipe) else recipe


def walk(training, start, stop):
    """Epochs from start to stop, as the loop makes them; at most 30 steps in all."""
    for network in {
        id(v): v for v in training.state.values() if isinstance(v, torch.nn.Module)
    }.values():
        network.train()
    metrics = {}
    for epoch in range(start, stop):
        for batch in training.batches.epoch(epoch):
            metrics = training.step(batch)
    return metrics


def parameters(training):
    return [p.detach().clone() for p in training.network.parameters()]


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a, b))


def no_recipe(returned):
    """What was returned in place of a recipe, and how to come from there to one."""
    if isinstance(returned, str | Path):
        return "you returned where it is written: `find_recipe(...)` of that path makes the recipe. A path"
    if isinstance(returned, torch.nn.Module):
        return "you returned the network alone: a recipe also holds its data, its rate and how it is evaluated. A network"
    if callable(returned):
        return "you returned a function or a class and did not call it. It"
    return f"what you returned is of type `{type(returned).__name__}`, which"


def check_recipe(submission):
    """A recipe, on a folder of one's own."""
    recipe = submission.hand_in()
    missing = [name for name in NEEDED if not hasattr(recipe, name)]
    assert not missing, (
        f"`hand_in()` must return a recipe; {no_recipe(recipe)} has no {', '.join(missing)}."
    )
    assert str(recipe.data).startswith("folder:"), (
        f'Your recipe is on the data {recipe.data!r}; write your own pictures into it: data="folder:...".'
    )


def standing_still(submission):
    """The names of the parameters that three steps leave as they were, and how many there are in all."""
    images = data()
    training = made(submission, images).build(CPU, images)
    batch = next(iter(training.batches.epoch(0)))
    still = unmoved(lambda: [training.step(batch) for _ in range(3)], training.network)
    return still, len(list(training.network.parameters()))


def check_moves(submission):
    """Every parameter is trained."""
    still, _ = standing_still(submission)
    assert not still, (
        f"After three steps these parameters are bit for bit what they were: {', '.join(still)}."
    )


def piles_up(submission):
    """Whether gradients left from before change a step."""

    def make():
        images = data()
        training = made(submission, images).build(CPU, images)
        batch = next(iter(training.batches.epoch(0)))
        return lambda: training.step(batch), training.network

    return stale_gradients(make).uses_stale


def check_gradients(submission):
    """Each step follows its own batch."""
    assert not piles_up(submission), (
        "Gradients that were there before a step changed what the step did: they are not set to zero before `backward()`."
    )


def learnt(submission):
    images = data()
    training = made(submission, images).build(CPU, images)
    per_epoch = training.batches.steps_per_epoch
    walk(training, 0, max(1, 30 // per_epoch))
    training.network.eval()
    measures = training.evaluate()
    name = next(name for name in measures if name.endswith("accuracy"))
    return measures[name]


def check_learns(submission):
    """Stripes that lie, stripes that stand."""
    accuracy = learnt(submission)
    assert accuracy > 0.9, (
        f"After 30 steps it names {100 * accuracy:.0f} % of the test pictures right; stripes that lie and stripes that stand "
        "are easy to tell apart."
    )


def judged(submission):
    images = data()
    recipe = made(submission, images)
    training = recipe.build(CPU, images)
    walk(training, 0, 1)
    training.network.train()
    seen = modes(lambda: recipe.evaluate(training.network, images), training.network)
    training.network.train()
    own = modes(training.evaluate, training.network)
    return any(seen.during) or any(own.during), bool(seen.buffers_moved or own.buffers_moved)


def answers_twice(submission):
    """Whether the network, measured twice in eval mode, says the same of the same pictures."""
    images = data()
    training = made(submission, images).build(CPU, images)
    said = [[], []]
    for heard in said:
        training.network.eval()
        handle = training.network.register_forward_hook(
            lambda _, args, output, heard=heard: heard.append(output)
        )
        training.evaluate()
        handle.remove()
    firsts, seconds = (list(tensors(heard)) for heard in said)
    return len(firsts) == len(seconds) and all(map(torch.equal, firsts, seconds))


def check_judged_in_eval_mode(submission):
    """While it is measured."""
    in_train, moved = judged(submission)
    assert not in_train, (
        "While it was measured the network was in train mode, in which dropout is on and batch norm looks at the batch."
    )
    assert not moved, "Measuring it moved its buffers (running statistics)."
    assert answers_twice(submission), (
        "Measured twice in eval mode, without a step between, your network gave two answers to the same test pictures."
    )


def leaks(submission):
    """Whether other test pictures give another training."""
    results = []
    for test_seed in (1, 99):
        images = data(test_seed)
        training = made(submission, images).build(CPU, images)
        walk(training, 0, 2)
        results.append(parameters(training))
    return not same(*results)


def check_no_leak(submission):
    """Test pictures have no part in training."""
    assert not leaks(submission), (
        "With other test pictures the same training ends in other weights: something of the test set went into it."
    )


def resumes(submission):
    images = data()
    whole = made(submission, images).build(CPU, images)
    walk(whole, 0, 4)
    first = made(submission, images).build(CPU, images)
    walk(first, 0, 2)
    captured, state = copy.deepcopy(capture(first.state)), random_state()
    second = made(submission, images).build(CPU, images)
    torch.rand(7)
    restore(second.state, captured)
    set_random_state(state)
    walk(second, 2, 4)
    return same(parameters(whole), parameters(second))


def check_resumes(submission):
    """Stopped and gone on."""
    assert resumes(submission), (
        "Two epochs, saved, loaded into a new training, and two more do not give the weights of four epochs in one go: "
        "something that changes while training is not in `state`."
    )


def observe(submission, rng):
    recipe = submission.hand_in()
    training = made(submission, data()).build(CPU, data())
    pictures = sum(len(batch[0]) for batch in training.batches.epoch(0)) > 64
    still, number = standing_still(submission)
    return [
        "all still" if len(still) == number else "some still" if still else "all move",
        str(recipe.data).split(":")[0],
        pictures,
        piles_up(submission),
        learnt(submission) > 0.9,
        [*judged(submission), answers_twice(submission)],
        leaks(submission),
        resumes(submission),
    ]
