"""Answers of a blind trial that were judged wrongly, and the kinds of weakness behind them."""

from collections.abc import Iterator

import pytest

from torchcamp.course.content import course
from torchcamp.course.judge.client import Judge, Verdict


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge


def judged(judge: Judge, name: str, *changes: tuple[str, str]) -> Verdict:
    """The verdict on the exercise's solution with some of its text exchanged."""
    exercise = course().find(name)
    text = exercise.solution
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return judge.verdict_of(exercise, text, "answer.py")


PASSED_WRONGLY = [
    (
        "transition_table",
        (
            "        for t in range(1, len(sequence)):\n"
            "            counts[sequence[t - 1], sequence[t]] += 1\n",
            "        counts[sequence[:-1], sequence[1:]] += 1\n",
        ),
        "0 0 0 1 0 0",
    ),
    ("load_weights", ('removeprefix("module.")', 'lstrip("module.")'), "Missing key(s)"),
    ("train_step", ("    loss = F", "    network.train()\n    loss = F"), "came in eval mode"),
    ("train_step", ("loss.detach()", "loss.item()"), "a float"),
    ("sample_symbol", ("return int(", "return ("), "An int is wanted"),
    (
        "sample_symbol",
        (
            "return int(torch.multinomial(probs, 1, generator=generator))",
            "import random\n    return random.choices(range(len(probs)), probs.tolist())[0]",
        ),
        "draw with the given generator",
    ),
    (
        "gibbs_step",
        ("    h = sample_h(", "    generator.manual_seed(0)\n    h = sample_h("),
        "do not seed",
    ),
    ("viterbi", ("transition.log()", "(transition + 1e-6).log()"), "no way to state 0"),
    (
        "evaluate",
        (
            "    for module, mode in modes:\n        module.training = mode\n",
            "    network.train(modes[0][1])\n",
        ),
        "reaches every layer inside",
    ),
    (
        "batch_norm",
        ("torch.sqrt(var + eps)", "(torch.sqrt(var) + eps)"),
        "over the variance and eps",
    ),
    ("kl_divergence", ("mu.square()", "mu.data.square()"), "back to `mu`"),
    (
        "kl_divergence",
        ("    return -", "    mu, logvar = mu.data, logvar.data\n    return -"),
        "no graph",
    ),
    (
        "negative_elbo",
        (
            "return (pixels.sum(dim=1) + kl).mean()",
            "import torch\n    return torch.tensor((pixels.sum(dim=1) + kl).mean().item())",
        ),
        "no graph",
    ),
]


@pytest.mark.parametrize(("name", "change", "words"), PASSED_WRONGLY)
def test_wrong_answers_that_once_passed_are_refused(
    judge: Judge, name: str, change: tuple[str, str], words: str
):
    verdict = judged(judge, name, change)
    assert verdict.verdict == "fail"
    assert words in verdict.message


LOSSES = {
    "mse_and_mae": ".mean()",
    "cross_entropy": ".mean()",
    "bce_with_logits": ".mean()",
    "lecture_bce": ".mean()",
    "kl_divergence": ".sum(dim=1)",
    "negative_elbo": ".mean()",
    "lm_loss": "targets.reshape(-1))",
    "forward_loglik": "scale.log()",
    "free_energy": "-v @ visible_bias - F.softplus(pull).sum(dim=1)",
    "exact_loglik": ".mean()",
}


@pytest.mark.parametrize(("name", "last"), LOSSES.items())
def test_a_loss_without_a_graph_passes_nowhere(judge: Judge, name: str, last: str):
    cut = "(" + last + ").detach()" if name == "free_energy" else last + ".detach()"
    changes = [(last, cut)]
    if name == "forward_loglik":
        changes.append(("alpha / scale", "(alpha / scale)"))
    verdict = judged(judge, name, *changes)
    assert verdict.verdict == "fail"
    assert "no graph" in verdict.message or "o gradient" in verdict.message


def test_torchs_own_not_implemented_is_no_open_todo(judge: Judge):
    verdict = judged(judge, "kl_divergence", ("mu.square()", "mu^2"))
    assert "TODO" not in verdict.message
    assert "`^` is exclusive or" in verdict.message
    assert "a square is `**2`" in verdict.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("    return ", "    "), "`kl_divergence` returned None: is a `return` missing?"),
        ((".sum(dim=1)", ".sum(dim=1).numpy()"), "returned a NumPy ndarray; a tensor is wanted"),
        ((".sum(dim=1)", ".sum(dim=1).double()"), "a tensor of float64; float32 is wanted"),
        ((".sum(dim=1)", ".sum().item()"), "returned a float (-0.0); a tensor is wanted"),
        (("return -0.5 * (1", "return -0.5 * (mu.sqare() * 1"), "Did you mean 'square'?"),
    ],
)
def test_a_result_of_another_kind_is_said_in_our_words(
    judge: Judge, change: tuple[str, str], words: str
):
    verdict = judged(judge, "kl_divergence", change)
    assert words in verdict.message
    assert "NoneType" not in verdict.message
    assert verdict.misconception is None


def test_a_message_of_pytorch_is_explained_with_its_numbers(judge: Judge):
    verdict = judged(judge, "free_energy", ("v @ weight", "v @ weight.T"))
    assert "raised RuntimeError: mat1 and mat2 shapes cannot be multiplied" in verdict.message
    assert "A layer was given rows of the wrong length. Here a row has 4 numbers" in verdict.message
    assert "torchcamp explain matrix-shapes" in verdict.message


@pytest.mark.parametrize(
    ("change", "misconception"),
    [
        (("[h_n[-2], h_n[-1]]", "[h_n[-1], h_n[-2]]"), "halves_exchanged"),
        (("[h_n[-2], h_n[-1]]", "[h_n[-2], h_n[-2]]"), None),
    ],
)
def test_a_sentence_that_everybody_hears_names_no_cause(
    judge: Judge, change: tuple[str, str], misconception: str | None
):
    """ "The states of 7 of 7 sequences are not ..." is true of any wrong answer."""
    verdict = judged(judge, "last_states", change)
    assert verdict.check == "check_both_directions"
    assert verdict.misconception == misconception


@pytest.mark.parametrize("name", ["clipped_step", "padding_for", "classify_pictures", "crossover",
                                  "is_resume_exact", "seed_all"])  # fmt: skip
def test_a_forgotten_return_is_no_misconception(judge: Judge, name: str):
    exercise = course().find(name)
    lines = exercise.solution.splitlines()
    last = max(n for n, line in enumerate(lines) if line.strip().startswith("return "))
    lines[last] = lines[last].replace("return ", "_ = ", 1)
    verdict = judge.verdict_of(exercise, "\n".join(lines), "answer.py")
    assert verdict.verdict == "fail"
    assert verdict.misconception is None
    assert "returned None" in verdict.message or name == "padding_for", verdict
