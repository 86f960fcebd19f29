"""Every finding by its code: how serious it is, what it does, how to mend it, where it is taught.

`torchcamp doctor --list` prints this. What a detector adds are the line and the numbers.
"""

import tomllib
from dataclasses import dataclass
from functools import cache

from torchcamp.base.errors import ReadError, suggest
from torchcamp.base.paths import PACKAGE


@dataclass(frozen=True, kw_only=True)
class Code:
    """One kind of bug."""

    code: str
    severity: str
    """error, warning or note; a detector may say less than this, never more."""
    title: str
    """In a few words, for a list."""
    effect: str
    """What it does to the training: one or two sentences."""
    mend: str
    """What to change: one sentence, in code where code is shorter."""
    lesson: str
    """Short name of the lesson that teaches it."""
    wrong: str
    """The bug in one to five lines of Python."""
    right: str
    """The same lines without it."""


def find_code(name: str) -> Code:
    """The code of that name.

    Raises:
        ReadError: there is none.
    """
    if name not in CODES:
        raise ReadError(f"unknown code {name!r}. {suggest(name, CODES, otherwise=LISTING)}")
    return CODES[name]


LISTING = "torchcamp doctor --list explains them all."

_ALL = (
    # --- Modes ---
    Code(
        code="eval-missing",
        severity="error",
        title="validation in training mode",
        effect="Dropout drops and batch norm uses the batch's own statistics, so the measured loss and accuracy "
        "are not those of the network that you keep; batch norm even learns from the validation data.",
        mend="model.eval() before the validation loop, model.train() after it",
        lesson="cnn",
        wrong="with torch.no_grad():\n    for x, y in test_loader:\n        correct += (model(x).argmax(1) == y).sum()",
        right="model.eval()\nwith torch.no_grad():\n    for x, y in test_loader:\n        correct += (model(x).argmax(1) == y).sum()",
    ),
    Code(
        code="train-not-restored",
        severity="error",
        title="training goes on in eval mode",
        effect="After the first validation dropout is off and batch norm no longer learns its statistics: "
        "the rest of the training is another one than you planned.",
        mend="model.train() at the start of every epoch",
        lesson="cnn",
        wrong="model.train()\nfor epoch in range(10):\n    train_one_epoch(model)\n    validate(model)  # calls model.eval()",
        right="for epoch in range(10):\n    model.train()\n    train_one_epoch(model)\n    validate(model)  # calls model.eval()",
    ),
    Code(
        code="dropout-always-on",
        severity="error",
        title="dropout that eval() does not turn off",
        effect="Predictions are random: the same picture gets another answer each time, and validation is pessimistic.",
        mend="F.dropout(x, p, training=self.training), or nn.Dropout as a layer; for attention "
        "dropout_p=self.p if self.training else 0.0",
        lesson="cnn",
        wrong="x = F.dropout(x, 0.5)",
        right="x = F.dropout(x, 0.5, training=self.training)",
    ),
    Code(
        code="sampled-in-train-mode",
        severity="note",
        title="samples made in training mode",
        effect="Batch norm uses the statistics of the samples themselves, so a sample depends on its neighbours.",
        mend="generator.eval() before sampling, unless you want it so",
        lesson="gan",
        wrong="with torch.no_grad():\n    images = generator(z)",
        right="generator.eval()\nwith torch.no_grad():\n    images = generator(z)",
    ),
    Code(
        code="frozen-batchnorm-moves",
        severity="note",
        title="frozen batch norm whose statistics move",
        effect="requires_grad=False stops the weights only; in training mode the running mean and variance still "
        "follow your data, so the frozen part changes after all.",
        mend="put the frozen part into eval mode: backbone.eval(), after every model.train()",
        lesson="cnn",
        wrong="backbone.requires_grad_(False)\nmodel.train()",
        right="backbone.requires_grad_(False)\nmodel.train()\nbackbone.eval()",
    ),
    # --- Gradients and steps ---
    Code(
        code="zero-grad-missing",
        severity="error",
        title="gradients of earlier steps are used again",
        effect="Gradients add up from step to step: steps grow, and point where old batches pointed.",
        mend="optimizer.zero_grad() before every backward()",
        lesson="mlp",
        wrong="loss.backward()\noptimizer.step()",
        right="optimizer.zero_grad()\nloss.backward()\noptimizer.step()",
    ),
    Code(
        code="zero-grad-misplaced",
        severity="error",
        title="gradients zeroed before they were used",
        effect="The step finds nothing, or only the last of several batches: the other backward passes were for nothing.",
        mend="zero before backward(), never between backward() and step(); when accumulating, only after a step",
        lesson="mlp",
        wrong="loss.backward()\noptimizer.zero_grad()\noptimizer.step()",
        right="optimizer.zero_grad()\nloss.backward()\noptimizer.step()",
    ),
    Code(
        code="optimizer-does-not-own",
        severity="error",
        title="the optimizer holds the wrong parameters",
        effect="Layers that get gradients never move, because the optimizer steps on others.",
        mend="make the optimizer after the network is complete, from the network that you train: "
        "Adam(model.parameters())",
        lesson="mlp",
        wrong="optimizer = Adam(model.parameters())\nmodel.head = nn.Linear(512, 10)",
        right="model.head = nn.Linear(512, 10)\noptimizer = Adam(model.parameters())",
    ),
    Code(
        code="unregistered-layers",
        severity="error",
        title="layers that the network does not know",
        effect="Layers in a plain list or dict, or made in forward(), are not among parameters(): the optimizer does not "
        "train them, state_dict() does not save them, eval() and to() do not reach them.",
        mend="self.layers = nn.ModuleList([...]), made in __init__",
        lesson="tensors",
        wrong="self.layers = [nn.Linear(64, 64) for _ in range(3)]",
        right="self.layers = nn.ModuleList([nn.Linear(64, 64) for _ in range(3)])",
    ),
    Code(
        code="no-gradient-reaches",
        severity="error",
        title="an optimizer whose parameters get no gradient",
        effect="Its steps change nothing: this part of the training does not take place.",
        mend="look for detach(), no_grad(), .data or item() between these parameters and the loss",
        lesson="autograd",
        wrong="g_loss = bce(discriminator(fake.detach()), ones)\ng_loss.backward()\ng_optimizer.step()",
        right="g_loss = bce(discriminator(fake), ones)\ng_loss.backward()\ng_optimizer.step()",
    ),
    Code(
        code="loss-cut-from-network",
        severity="error",
        title="the loss was cut off from the network",
        effect="backward() runs and reaches nothing: nothing is learned, and no error is raised.",
        mend="keep the loss that the network's output went into; no torch.tensor(loss), no .item(), no .detach() before backward()",
        lesson="autograd",
        wrong="loss = torch.tensor(criterion(model(x), y).item(), requires_grad=True)\nloss.backward()",
        right="loss = criterion(model(x), y)\nloss.backward()",
    ),
    Code(
        code="no-backward",
        severity="error",
        title="steps without a backward pass",
        effect="Without gradients a step changes nothing.",
        mend="loss.backward() before optimizer.step()",
        lesson="mlp",
        wrong="loss = criterion(model(x), y)\noptimizer.step()",
        right="loss = criterion(model(x), y)\nloss.backward()\noptimizer.step()",
    ),
    Code(
        code="no-step",
        severity="error",
        title="backward passes without a step",
        effect="Gradients are computed and never used: the weights stay as they were.",
        mend="optimizer.step() after loss.backward()",
        lesson="mlp",
        wrong="optimizer.zero_grad()\nloss.backward()",
        right="optimizer.zero_grad()\nloss.backward()\noptimizer.step()",
    ),
    Code(
        code="fake-not-detached",
        severity="error",
        title="one network's loss leaks into another's step",
        effect="The discriminator's loss also put gradients into the generator, and the generator's step adds them to its "
        "own: it learns to be found out.",
        mend="discriminator(fake.detach()) in the discriminator's step, or g_optimizer.zero_grad() right before the generator's backward()",
        lesson="gan",
        wrong="d_loss = bce(discriminator(fake), zeros)",
        right="d_loss = bce(discriminator(fake.detach()), zeros)",
    ),
    Code(
        code="clip-before-unscale",
        severity="error",
        title="clipping gradients that are still scaled",
        effect="The scaler has multiplied them by thousands: nearly every gradient is clipped to almost nothing.",
        mend="scaler.unscale_(optimizer) before clip_grad_norm_",
        lesson="devices",
        wrong="scaler.scale(loss).backward()\nclip_grad_norm_(model.parameters(), 1.0)\nscaler.step(optimizer)",
        right="scaler.scale(loss).backward()\nscaler.unscale_(optimizer)\nclip_grad_norm_(model.parameters(), 1.0)\nscaler.step(optimizer)",
    ),
    Code(
        code="clip-after-step",
        severity="error",
        title="clipping after the step",
        effect="The step has already used the gradients as they were: clipping has no effect.",
        mend="clip between backward() and step()",
        lesson="rnn",
        wrong="loss.backward()\noptimizer.step()\nclip_grad_norm_(model.parameters(), 1.0)",
        right="loss.backward()\nclip_grad_norm_(model.parameters(), 1.0)\noptimizer.step()",
    ),
    Code(
        code="clip-without-gradient",
        severity="error",
        title="clipping before there is a gradient",
        effect="There is nothing to clip yet, so large gradients pass unclipped.",
        mend="clip between backward() and step()",
        lesson="rnn",
        wrong="optimizer.zero_grad()\nclip_grad_norm_(model.parameters(), 1.0)\nloss.backward()",
        right="optimizer.zero_grad()\nloss.backward()\nclip_grad_norm_(model.parameters(), 1.0)",
    ),
    Code(
        code="graph-grows",
        severity="error",
        title="a graph that grows with every step",
        effect="Each backward pass goes through all steps before it: steps get slower and memory runs out.",
        mend="cut the state between batches: hidden = hidden.detach(); then retain_graph=True is not needed",
        lesson="rnn",
        wrong="out, hidden = rnn(x, hidden)\nloss.backward(retain_graph=True)",
        right="out, hidden = rnn(x, hidden.detach())\nloss.backward()",
    ),
    Code(
        code="loss-keeps-graph",
        severity="warning",
        title="losses kept together with their graphs",
        effect="Every loss keeps its graph and all activations in memory: memory grows until the epoch ends.",
        mend="total += loss.item(), or losses.append(loss.detach()); validate under torch.no_grad()",
        lesson="autograd",
        wrong="total += loss",
        right="total += loss.item()",
    ),
    Code(
        code="scheduler-before-optimizer",
        severity="warning",
        title="scheduler.step() before the first optimizer.step()",
        effect="The first learning rate of the schedule is skipped.",
        mend="optimizer.step() first, then scheduler.step()",
        lesson="mlp",
        wrong="scheduler.step()\noptimizer.step()",
        right="optimizer.step()\nscheduler.step()",
    ),
    Code(
        code="accumulation-not-scaled",
        severity="note",
        title="accumulated gradients are a sum, not a mean",
        effect="A step over k batches is k times as long as one over a batch of the same total size.",
        mend="(loss / k).backward(), unless the rate is meant for the sum",
        lesson="mlp",
        wrong="loss.backward()\nif (i + 1) % 4 == 0:\n    optimizer.step()",
        right="(loss / 4).backward()\nif (i + 1) % 4 == 0:\n    optimizer.step()",
    ),
    # --- Losses ---
    Code(
        code="softmax-before-cross-entropy",
        severity="error",
        title="softmax, then cross_entropy",
        effect="cross_entropy applies its own log-softmax: the loss cannot get near zero, gradients are small, "
        "and learning is slow or stops.",
        mend="give cross_entropy the logits; use softmax only to show probabilities",
        lesson="losses",
        wrong="loss = F.cross_entropy(F.softmax(model(x), dim=1), y)",
        right="loss = F.cross_entropy(model(x), y)",
    ),
    Code(
        code="sigmoid-before-bce-with-logits",
        severity="error",
        title="sigmoid, then binary_cross_entropy_with_logits",
        effect="This loss applies its own sigmoid: probabilities stay between 0.5 and 0.73, and learning is slow.",
        mend="leave the sigmoid out, or use binary_cross_entropy",
        lesson="losses",
        wrong="loss = F.binary_cross_entropy_with_logits(torch.sigmoid(z), y)",
        right="loss = F.binary_cross_entropy_with_logits(z, y)",
    ),
    Code(
        code="nll-on-probabilities",
        severity="error",
        title="nll_loss of probabilities",
        effect="nll_loss expects log-probabilities; of probabilities it gives a loss between -1 and 0, whose gradient "
        "vanishes where the network is most wrong.",
        mend="F.nll_loss(F.log_softmax(z, dim=1), y), or F.cross_entropy(z, y)",
        lesson="losses",
        wrong="loss = F.nll_loss(F.softmax(z, dim=1), y)",
        right="loss = F.nll_loss(F.log_softmax(z, dim=1), y)",
    ),
    Code(
        code="nll-on-logits",
        severity="error",
        title="nll_loss of raw scores",
        effect="Without log_softmax the loss has no lower end: it is lowered by making scores larger without limit.",
        mend="F.cross_entropy(z, y), which contains the log_softmax",
        lesson="losses",
        wrong="loss = F.nll_loss(model(x), y)",
        right="loss = F.cross_entropy(model(x), y)",
    ),
    Code(
        code="softmax-over-the-batch",
        severity="error",
        title="softmax along the wrong axis",
        effect="Probabilities sum to 1 over the items of a batch instead of over the classes: an item's answer depends "
        "on the others.",
        mend="dim=1, or dim=-1: the axis of the classes",
        lesson="activations",
        wrong="p = F.log_softmax(z, dim=0)",
        right="p = F.log_softmax(z, dim=1)",
    ),
    Code(
        code="softmax-of-one",
        severity="error",
        title="a softmax over a single number",
        effect="It is 1 whatever the score: nothing before it gets a gradient, and a cross-entropy over one class is 0.",
        mend="a sigmoid, with binary_cross_entropy_with_logits, for one score an item; for attention the softmax over the "
        "positions: scores of shape (batch, time, 1) need dim=1",
        lesson="losses",
        wrong="weights = torch.softmax(scores, dim=-1)  # (batch, time, 1)",
        right="weights = torch.softmax(scores, dim=1)  # (batch, time, 1)",
    ),
    Code(
        code="broadcast-mismatch",
        severity="error",
        title="(N, 1) against (N,)",
        effect="Broadcasting compares every prediction with every target: the best answer is then the mean of all targets.",
        mend="make the shapes equal: model(x).squeeze(1), or y.unsqueeze(1)",
        lesson="tensors",
        wrong="loss = ((model(x) - y) ** 2).mean()  # (N, 1) and (N,)",
        right="loss = ((model(x).squeeze(1) - y) ** 2).mean()",
    ),
    Code(
        code="log-of-sigmoid",
        severity="warning",
        title="the logarithm of a sigmoid",
        effect="For large scores the sigmoid is exactly 0 or 1 in float32: the loss becomes infinite, or with an "
        "epsilon inside its gradient becomes zero.",
        mend="F.logsigmoid(z), or F.binary_cross_entropy_with_logits(z, y)",
        lesson="losses",
        wrong="loss = -torch.log(torch.sigmoid(z)).mean()",
        right="loss = -F.logsigmoid(z).mean()",
    ),
    Code(
        code="loss-not-finite",
        severity="error",
        title="the loss became nan or infinite",
        effect="Every weight that this loss reaches becomes nan with the next step, and stays so.",
        mend="look at the first line that gives nan: torch.autograd.set_detect_anomaly(True); then a lower learning "
        "rate, or the stable form of the loss",
        lesson="losses",
        wrong="loss = -(y * p.log()).sum()  # p may be 0",
        right="loss = F.cross_entropy(logits, y)",
    ),
    Code(
        code="loss-explodes",
        severity="warning",
        title="the loss grows instead of falling",
        effect="Steps are too long: each lands further away than the last.",
        mend="a learning rate ten times smaller, or gradients clipped",
        lesson="mlp",
        wrong="optimizer = torch.optim.SGD(model.parameters(), lr=10.0)",
        right="optimizer = torch.optim.SGD(model.parameters(), lr=0.1)",
    ),
    Code(
        code="padding-in-loss",
        severity="warning",
        title="padding counts as a target",
        effect="The network is rewarded for predicting padding, and the loss looks better than it is.",
        mend="F.cross_entropy(scores, targets, ignore_index=padding_idx)",
        lesson="rnn",
        wrong="loss = F.cross_entropy(scores, targets)  # 0 is padding",
        right="loss = F.cross_entropy(scores, targets, ignore_index=0)",
    ),
    Code(
        code="loss-at-init",
        severity="note",
        title="the first loss is far from ln K",
        effect="A network that knows nothing should favour no class; a much larger first loss means that it begins "
        "confidently wrong, and the first steps only undo that.",
        mend="look at the scale of the inputs and of the last layer's weights",
        lesson="losses",
        wrong="nn.init.normal_(head.weight, std=5.0)",
        right="nn.init.normal_(head.weight, std=0.01)",
    ),
    # --- Networks ---
    Code(
        code="no-nonlinearity",
        severity="warning",
        title="layers with nothing nonlinear between them",
        effect="Several linear layers in a row can do no more than one.",
        mend="a nonlinearity between the layers: nn.ReLU()",
        lesson="activations",
        wrong="net = nn.Sequential(nn.Linear(784, 128), nn.Linear(128, 10))",
        right="net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))",
    ),
    Code(
        code="batch-mixed",
        severity="error",
        title="one item of a batch changes another's output",
        effect="In eval mode each answer must depend on its own input only; here axes are mixed up, so training "
        "learns from neighbours, and a batch of one gives other answers.",
        mend="look for batch_first=True, view() where permute() was meant, and sums or softmax over axis 0",
        lesson="tensors",
        wrong="rnn = nn.GRU(16, 32)  # and inputs of (batch, time, 16)",
        right="rnn = nn.GRU(16, 32, batch_first=True)",
    ),
    Code(
        code="sees-the-future",
        severity="error",
        title="a language model that sees the token it is to predict",
        effect="The training loss falls to almost nothing, and generation is nonsense: there the next token is not there yet.",
        mend="a causal mask: is_causal=True, or nn.Transformer.generate_square_subsequent_mask(T)",
        lesson="rnn",
        wrong="h = encoder(embedded)",
        right="h = encoder(embedded, mask=causal_mask)",
    ),
    Code(
        code="target-not-shifted",
        severity="error",
        title="the target is the input itself",
        effect="The network learns to copy the token that it is given instead of predicting the next one.",
        mend="inputs = tokens[:, :-1], targets = tokens[:, 1:]",
        lesson="rnn",
        wrong="loss = F.cross_entropy(model(tokens).transpose(1, 2), tokens)",
        right="loss = F.cross_entropy(model(tokens[:, :-1]).transpose(1, 2), tokens[:, 1:])",
    ),
    Code(
        code="labels-ignored",
        severity="error",
        title="a condition that changes nothing",
        effect="The network is given labels and does not use them: every class gets the same output.",
        mend="feed the label into the computation, for instance torch.cat([z, embedding(labels)], dim=1)",
        lesson="cgan",
        wrong="def forward(self, z, labels):\n    return self.net(z)",
        right="def forward(self, z, labels):\n    return self.net(torch.cat([z, self.embedding(labels)], dim=1))",
    ),
    Code(
        code="best-weights-are-an-alias",
        severity="error",
        title="best weights that were never copied",
        effect="state_dict() gives the live tensors: what was kept as the best weights moved on with every step, and at "
        "the end you have the last ones.",
        mend="best = copy.deepcopy(model.state_dict())",
        lesson="cnn",
        wrong="best = model.state_dict()",
        right="best = copy.deepcopy(model.state_dict())",
    ),
    Code(
        code="dead-units",
        severity="note",
        title="ReLU units that are always zero",
        effect="A unit that is zero for every input gets no gradient and cannot come back.",
        mend="a smaller learning rate, another initialization, or LeakyReLU",
        lesson="activations",
        wrong="nn.init.constant_(layer.bias, -20.0)",
        right="nn.init.zeros_(layer.bias)",
    ),
    Code(
        code="learning-rate",
        severity="note",
        title="steps much longer or shorter than usual",
        effect="In most trainings that work, a step changes a weight matrix by about a thousandth of its length.",
        mend="try a rate ten times smaller or larger; torchcamp find-lr does it for our recipes",
        lesson="mlp",
        wrong="optimizer = torch.optim.Adam(model.parameters(), lr=1.0)",
        right="optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)",
    ),
    # --- Data ---
    Code(
        code="unshuffled",
        severity="error",
        title="training data in the order of the classes",
        effect="A batch holds one class only: the network learns that class and forgets the one before.",
        mend="DataLoader(train_set, shuffle=True)",
        lesson="mlp",
        wrong="loader = DataLoader(train_set, batch_size=64)",
        right="loader = DataLoader(train_set, batch_size=64, shuffle=True)",
    ),
    Code(
        code="test-data-in-training",
        severity="error",
        title="validation data that was trained on",
        effect="The measured accuracy is that of things seen before; new data will do worse.",
        mend="split once, with a seed, and train on one part only",
        lesson="mlp",
        wrong="train_loader = DataLoader(data)\nval_loader = DataLoader(Subset(data, range(100)))",
        right="train, val = random_split(data, [900, 100])\ntrain_loader, val_loader = DataLoader(train), DataLoader(val)",
    ),
    Code(
        code="set-epoch-missing",
        severity="error",
        title="a DistributedSampler that repeats its order",
        effect="Every epoch deals out the same order to the same processes.",
        mend="sampler.set_epoch(epoch) at the start of every epoch",
        lesson="devices",
        wrong="for epoch in range(10):\n    for batch in loader:\n        step(batch)",
        right="for epoch in range(10):\n    sampler.set_epoch(epoch)\n    for batch in loader:\n        step(batch)",
    ),
    Code(
        code="uint8-wraps",
        severity="error",
        title="arithmetic on bytes",
        effect="Bytes count modulo 256: 10 - 20 is 246. Pictures get white where they should be dark.",
        mend="images.float() before the arithmetic",
        lesson="tensors",
        wrong="difference = image_a - image_b  # both uint8",
        right="difference = image_a.float() - image_b.float()",
    ),
    Code(
        code="bytes-unnormalised",
        severity="warning",
        title="pixels from 0 to 255 into the first layer",
        effect="Inputs a hundred times larger than the layer was initialized for: the first steps explode or saturate.",
        mend="images.float() / 255, or transforms.ToTensor()",
        lesson="mlp",
        wrong="scores = model(images.float())",
        right="scores = model(images.float() / 255)",
    ),
    Code(
        code="data-range-mismatch",
        severity="error",
        title="a target that the output cannot reach",
        effect="The last operation's range and the target's do not fit: part of the loss can never be removed, or the "
        "discriminator tells fakes by their range alone.",
        mend="sigmoid for targets from 0 to 1, tanh for -1 to 1, nothing for others",
        lesson="activations",
        wrong="loss = F.mse_loss(torch.sigmoid(z), x)  # x from -1 to 1",
        right="loss = F.mse_loss(torch.tanh(z), x)",
    ),
    Code(
        code="latent-law-differs",
        severity="error",
        title="noise of one kind in training, of another in sampling",
        effect="The generator is asked about points that it hardly ever saw: samples are worse than what it learned.",
        mend="draw z in the same way in both places: one function for it",
        lesson="gan",
        wrong="z = torch.rand(64, 100)  # training\nz = torch.randn(64, 100)  # sampling",
        right="z = torch.randn(64, 100)  # in both",
    ),
    Code(
        code="label-mismatch",
        severity="error",
        title="a fake judged with another label than it was made with",
        effect="The generator is punished for doing what it was told: labels lose their meaning.",
        mend="give the discriminator the labels that the generator got",
        lesson="cgan",
        wrong="score = discriminator(generator(z, fake_labels), real_labels)",
        right="score = discriminator(generator(z, fake_labels), fake_labels)",
    ),
    Code(
        code="last-batch-weighted-wrong",
        severity="note",
        title="a mean of means with a short last batch",
        effect="The items of the short last batch count for more than others in the printed loss.",
        mend="total += loss.item() * len(x), and divide by the number of items",
        lesson="mlp",
        wrong="total += loss.item()\nprint(total / len(loader))",
        right="total += loss.item() * len(x)\nprint(total / len(loader.dataset))",
    ),
    Code(
        code="accuracy-over-constant",
        severity="note",
        title="accuracy divided by a constant batch size",
        effect="The short last batch can never show 100 %.",
        mend="divide by len(y), the number of items in this batch",
        lesson="mlp",
        wrong="accuracy = correct / BATCH_SIZE",
        right="accuracy = correct / len(y)",
    ),
    # --- What the text shows ---
    Code(
        code="checkpoint-incomplete",
        severity="warning",
        title="a checkpoint without the optimizer",
        effect="On resuming, momentum and Adam's averages begin at zero: the training is not the one that was interrupted.",
        mend='torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, path)',
        lesson="cnn",
        wrong='torch.save(model.state_dict(), "checkpoint.pt")',
        right='torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, "checkpoint.pt")',
    ),
    Code(
        code="init-not-applied",
        severity="note",
        title="an initialization that is never called",
        effect="The network begins with PyTorch's default weights.",
        mend="model.apply(init_weights)",
        lesson="mlp",
        wrong="def init_weights(m):\n    nn.init.xavier_uniform_(m.weight)\nmodel = Net()",
        right="def init_weights(m):\n    nn.init.xavier_uniform_(m.weight)\nmodel = Net()\nmodel.apply(init_weights)",
    ),
    Code(
        code="seed-not-set",
        severity="note",
        title="no seed",
        effect="No two runs are alike, so a small change cannot be told from luck.",
        mend="torch.manual_seed(0) before the network and the loaders are made",
        lesson="mlp",
        wrong="model = Net()",
        right="torch.manual_seed(0)\nmodel = Net()",
    ),
    Code(
        code="weight-decay-on-norms",
        severity="note",
        title="weight decay on norms and biases",
        effect="Decay pulls the scales of norm layers towards zero, for which there is no good reason.",
        mend="two parameter groups: decay for tensors of two and more dimensions, none for the others",
        lesson="mlp",
        wrong="AdamW(model.parameters(), weight_decay=0.1)",
        right='AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}])',
    ),
    Code(
        code="best-epoch-on-test-set",
        severity="note",
        title="the best epoch chosen on the test set",
        effect="The best of many test results is better than the network is.",
        mend="choose on a validation part, and test once",
        lesson="cnn",
        wrong="if test_accuracy > best:\n    best = test_accuracy",
        right="if validation_accuracy > best:\n    best = validation_accuracy",
    ),
)

CODES = {each.code: each for each in _ALL}


@cache
def lesson_titles() -> dict[str, str]:
    """Title of each lesson, by its short name."""
    course = tomllib.loads((PACKAGE / "content/course.toml").read_text(encoding="utf-8"))
    return {each["name"]: each["title"] for each in course["lesson"]}
