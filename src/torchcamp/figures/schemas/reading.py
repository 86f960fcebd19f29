"""In which order to read a repository: from its README to the line that changes the weights."""

from itertools import pairwise

from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

CODE = """\
python train.py --data photos --epochs 20   # README: how is it started?

loader = DataLoader(Photos(args.data), batch_size=32, shuffle=True)
net = Net(num_classes=10)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(args.epochs):
    for images, labels in loader:
        loss = F.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    evaluate(net, test_loader)"""
# Name, text, question, line.
PLACES = (
    ("readme", "README", "What is it for, and how is it started?", "python train.py"),
    ("entry", "entry point", "What happens first, and which numbers can be chosen?", "for epoch in"),
    ("data", "data", "What is one example? Which shape, which range, which labels?", "loader = DataLoader"),
    ("model", "model", "What goes in, what comes out?", "net = Net"),
    ("loss", "loss", "Logits or probabilities? Mean or sum?", "loss = F.cross"),
    ("optimizer", "optimizer", "Which parameters does it own?", "optimizer = torch"),
    ("loop", "loop", "zero_grad, backward, step: in which order, in which mode?", "loss.backward"),
    ("measure", "evaluate", "On which data, in eval mode, without gradients?", "evaluate(net"),
)  # fmt: skip


def whole() -> Schema:
    """The eight places of a training program, and the question to ask at each."""
    return schema(lambda example: draw())


def draw() -> Drawing:
    """The drawing."""
    drawing = Drawing(
        summary=(
            "The places of a training program in the order in which to read them: README, entry point, data, "
            "model, loss, optimizer, loop, evaluation; at each of them one question."
        ),
        code=(CODE,),
    )
    for number, (name, text, question, line) in enumerate(PLACES):
        row, column = divmod(number, 4)
        drawing.box(
            name, text, (120 + 226 * column, 60 + 120 * row), (100 + 160 * (number % 2), 44 + 84 * (number // 2)),
            size=(128, 48), detail=f"{number + 1}", note=question, lines=[line],
        )  # fmt: skip
    names = [place[0] for place in PLACES]
    for start, end in pairwise(names):
        drawing.arrow(start, end)
    words = (
        "Read what it claims to do and the one command that starts it. Do not open any other file yet.",
        "Open the file that the command names, and look for the loop. Everything before it is preparation; the arguments show what can be changed.",
        "Find the line that makes the data. Take one example and look: its shape, its range (0 to 255, 0 to 1, or normalised?), and what the label is.",
        "Read only forward. Follow one batch and write the shape beside each line; the layers in __init__ explain themselves on the way.",
        "Does it want logits or probabilities? Is it a mean or a sum? The last line of forward and the first of the loss must fit.",
        "An optimizer moves what it was given, and nothing else. Compare the parameters it owns with those of the network that is trained.",
        "Three lines in the right order, in training mode. What is kept from each step, and does it hold the tape?",
        "Is the network in eval mode, are gradients off, and has it never seen these data? If not, the number in the README means little.",
    )
    for (name, text, question, _), sentence in zip(PLACES, words, strict=True):
        drawing.step(f"{text}: {question[0].lower()}{question[1:]}", sentence, [name])
    return drawing
