"""Whether the model can cheat, then whether texts of a batch are apart."""

import torch

from torchcamp.course.judge.checks import attempt


def make(submission, seed=0):
    torch.manual_seed(seed)
    return submission.Model(5), torch.randint(5, (6, 9))


def floor(submission, seed=0):
    """The loss after training on texts without any pattern: ln 5 = 1.609 is the best there is."""
    torch.manual_seed(seed)
    model = submission.Model(5)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        submission.loss_of(model, torch.randint(5, (32, 12))).backward()
        optimizer.step()
    with torch.no_grad():
        return float(submission.loss_of(model, torch.randint(5, (200, 12))))


def leak(submission, seed=0):
    """How much the last text's logits change when the others do."""
    model, symbols = make(submission, seed)
    other = symbols.clone()
    other[:-1] = (other[:-1] + 1) % 5
    with torch.no_grad():
        return float((model(symbols)[-1] - model(other)[-1]).abs().max())


def order(submission, seed=0):
    """Whether a later character of the same text changes an earlier answer."""
    model, symbols = make(submission, seed)
    other = symbols.clone()
    other[:, 5:] = (other[:, 5:] + 1) % 5
    with torch.no_grad():
        return float((model(symbols)[:, :5] - model(other)[:, :5]).abs().max())


def asked(submission):
    """Of two texts 0 1 2 … 5 and 6 7 8 … 11: each character of the first that the model reads and is
    asked for another by, and that other. Both are empty where `loss_of` does not call the model.
    """
    model = submission.Model(12)
    reads = []

    def forward(symbols):
        reads.append((symbols, torch.zeros(*symbols.shape, 12, requires_grad=True)))
        return reads[0][1]

    model.forward = forward
    loss = submission.loss_of(model, torch.arange(12).view(2, 6))
    if not reads:
        return [], []
    symbols, logits = reads[0]
    (slopes,) = torch.autograd.grad(loss, logits)
    # A logit's slope is its probability, less 1 at the target: negative there only.
    lowest, targets = slopes[0].min(dim=-1)
    return symbols[0][lowest < 0].tolist(), targets[lowest < 0].tolist()


def reading(submission):
    """How the GRU is handed the texts, and what comes of its states.

    "apart", "texts as steps" or "cut elsewhere", by where each character's embedding stands in its input; "unknown"
    where the model has no such parts. Then the shape of the logits of texts (2, 4).
    """
    model = submission.Model(8)
    symbols, handed = torch.arange(8).view(2, 4), []
    with torch.no_grad():
        shape = attempt(lambda: list(model(symbols).shape))
        embedding, gru = getattr(model, "embedding", None), getattr(model, "gru", None)
        if embedding is None or not isinstance(gru, torch.nn.GRU):
            return ["unknown", shape]
        gru.register_forward_pre_hook(lambda module, inputs: handed.append(inputs[0]))
        attempt(lambda: model(symbols))
        right = embedding(symbols)
    if not handed or handed[0].dim() != 3:
        return ["unknown", shape]
    for words, ours in (("apart", gru.batch_first), ("texts as steps", not gru.batch_first)):
        wanted = right if ours else right.transpose(0, 1)
        if wanted.shape == handed[0].shape and torch.equal(wanted, handed[0]):
            return [words, "batch first" if gru.batch_first else "time first", shape]
    return ["cut elsewhere", shape]


def in_words(characters):
    return " ".join(map(str, characters))


def check_no_cheating(submission):
    """Random texts cannot be predicted."""
    found, mixed, ahead = floor(submission), leak(submission), order(submission)
    reads, targets = map(in_words, asked(submission))
    if mixed > 1e-5:
        words = f"Changing the other texts changes the last one's logits by {mixed:.2f}."
    elif ahead > 1e-5:
        words = (
            f"Changing the later characters of a text changes its earlier logits by {ahead:.2f}."
        )
    else:
        words = f"Of the text 0 1 2 3 4 5 it reads {reads}, and is asked for {targets}."
    assert found > 1.5, (
        f"On texts of five characters drawn by chance nobody can be below ln 5 = 1.609 nats; after 60 steps this model "
        f"is at {found:.3f}. ({words})"
    )


def check_texts_apart(submission):
    """A text's logits are its own."""
    found = leak(submission)
    assert found < 1e-5, (
        f"Changing the other texts of the batch changes the last text's logits by {found:.3f}; each text must be read by "
        "itself."
    )


def check_forwards(submission):
    """Nobody looks ahead."""
    assert order(submission) < 1e-5, "A later character changes an earlier answer."
    model, symbols = make(submission)
    assert model(symbols).shape == (6, 9, 5), (
        f"Logits must be (6, 9, 5); they are {tuple(model(symbols).shape)}."
    )


def learnt(submission, seed=0):
    """The loss after training on texts that count 0 1 2 3 4 0 1 …: 0 can be reached."""
    torch.manual_seed(seed)
    model = submission.Model(5)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

    def texts():
        return (torch.randint(5, (16, 1)) + torch.arange(10)) % 5

    for _ in range(60):
        optimizer.zero_grad()
        submission.loss_of(model, texts()).backward()
        optimizer.step()
    with torch.no_grad():
        return float(submission.loss_of(model, texts()))


def check_learns(submission):
    """Texts with a pattern can be predicted."""
    found = learnt(submission)
    assert found < 0.3, (
        f"In texts that count 0 1 2 3 4 0 1 … each character follows from the one before; after 60 steps this model still "
        f"pays {found:.3f} nats. What is its target: the next character of the same text?"
    )


def check_next_character(submission):
    """Each character but the first is asked for, on reading the one before it."""
    reads, targets = asked(submission)
    assert not reads or (reads, targets) == ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5]), (
        f"Of the text 0 1 2 3 4 5 the model reads {in_words(reads)}, and is asked for {in_words(targets)}. On reading "
        "0 1 2 3 4 it must be asked for 1 2 3 4 5."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    how, mixed = reading(submission), attempt(lambda: leak(submission, seed))
    if how[0] == "cut elsewhere" or isinstance(mixed, dict):
        return [how[0], isinstance(mixed, dict)]
    if how[0] == "apart" and mixed > 1e-5:
        return ["mixed afterwards", how[-1]]
    reads, targets = asked(submission)
    return [
        how,
        sorted({target - read for read, target in zip(reads, targets)}),
        floor(submission, seed) > 1.5,
        mixed > 1e-5,
        learnt(submission, seed) < 0.3,
    ]
