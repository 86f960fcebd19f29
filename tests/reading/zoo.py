"""Networks of every shape that a reader meets: each is read whole by the tests."""

import dataclasses
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class Loop(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        for _ in range(3):
            x = F.relu(self.fc(x))
        return x


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 2), nn.Linear(4, 3)

    def forward(self, x):
        if x.sum() > 0:
            y = self.a(x)
        else:
            y = self.b(x)
        return y


class Recursive(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def down(self, x, depth):
        if depth == 0:
            return x
        return self.down(self.fc(x), depth - 1)

    def forward(self, x):
        return self.down(x, 4)


class SharedActivation(nn.Module):
    def __init__(self):
        super().__init__()
        act = nn.ReLU()
        self.net = nn.Sequential(nn.Linear(4, 8), act, nn.Linear(8, 2), act)

    def forward(self, x):
        return self.net(x)


class Wrapped(nn.Module):
    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)


class LSTMNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 8, batch_first=True)

    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return out


class GRUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 8, batch_first=True)

    def forward(self, x):
        out, h = self.gru(x)
        return out[:, -1] + h[0]


class LSTMCellLoop(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(4, 8)

    def forward(self, x):
        h = c = x.new_zeros(len(x), 8)
        for step in x.unbind(1):
            h, c = self.cell(step, (h, c))
        return h


@dataclasses.dataclass
class Output:
    logits: Tensor
    extra: dict[str, Any]


class DataclassOutput(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, batch):
        h = self.fc(batch["x"])
        out = Output(logits=h, extra={"inner": {"mean": h.mean(0)}})
        return out


class NamespaceInput(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, batch):
        return {"loss": self.fc(batch.x).square().mean(), "y": self.fc(batch.x).detach()}


class InPlace(nn.Module):
    def forward(self, x):
        y = x * 2
        y += 1
        y[:, 0] = 0
        y.clamp_(min=0)
        return y


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):  # type: ignore[override]
        (x,) = ctx.saved_tensors
        return 2 * x * grad


class CustomFunction(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        y = Square.apply(self.fc(x))
        return y


class Checkpointed(nn.Module):
    def __init__(self, reentrant: bool = False):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.reentrant = reentrant

    def block(self, x):
        return torch.tanh(self.fc(x))

    def forward(self, x):
        y = checkpoint(self.block, x, use_reentrant=self.reentrant)
        return y


class TwoOnALine(nn.Module):
    def forward(self, x):
        y = x + 1; z = y * 2  # fmt: skip
        w = torch.cat(
            [
                y,
                z,
            ],
            dim=1,
        )
        return w


def helper(x):
    y = x * 2
    return y.relu()


class Helper(nn.Module):
    def forward(self, x):
        a = helper(x)
        b = helper(a)
        return a + b


class Generator(nn.Module):
    def steps(self, x):
        for scale in range(3):
            yield x * scale

    def forward(self, x):
        total = torch.zeros_like(x)
        for part in self.steps(x):
            total = total + part
        return total


class VMap(nn.Module):
    def forward(self, x):
        return torch.vmap(lambda row: row * row.sum())(x)


class FunctionalGrad(nn.Module):
    def forward(self, x):
        slope = torch.func.grad(lambda v: (v**3).sum())(x)
        return slope * x


class Comprehension(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(4, 2) for _ in range(3))

    def forward(self, x):
        outs = [head(x) for head in self.heads]
        total = sum(out.mean() for out in outs)
        return torch.stack(outs) * total


class Hooked(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.fc.register_forward_hook(self.twice)

    def twice(self, module, args, output):
        return output * 2

    def forward(self, x):
        return self.fc(x)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.out = nn.Linear(4, 7, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, tokens):
        h = self.embed(tokens)
        return self.out(h)


class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.LazyLinear(3)

    def forward(self, x):
        return self.fc(x)


class NoGradPart(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x):
        with torch.no_grad():
            h = self.a(x)
        return self.b(h)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, x):
        self.eval()
        with torch.no_grad():
            return self.layer(x)


class SparseGCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x, adjacency):
        h = self.fc(x)
        return torch.sparse.mm(adjacency, h)


class Crash(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(4, 2)

    def forward(self, x):
        h = self.first(x)
        y = self.second(h)
        return y


class Threaded(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        box = []
        worker = threading.Thread(target=lambda: box.append(self.fc(x)), name="worker")
        worker.start()
        worker.join()
        return box[0] + 1


class Scripted(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.jit.trace(nn.Linear(4, 4), torch.zeros(1, 4))

    def forward(self, x):
        return self.inner(x) * 2  # type: ignore[operator]


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 6)

    def forward(self, tokens):
        return self.embed(tokens).mean(1)


class Argmax(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(x).argmax(1)


class Upsample(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 2, 4, 2, 1)

    def forward(self, x):
        return self.up(x)


class Attention(nn.Module):
    def __init__(self, dim: int = 8, heads: int = 2):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).unbind(2)
        q, k, v = (part.transpose(1, 2) for part in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(b, t, d))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(8), Attention()
        self.mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))

    def forward(self, x):
        x = x + self.attention(self.norm(x))
        x = x + self.mlp(x)
        return x


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        self.blocks = nn.ModuleList(Block() for _ in range(12))

    def forward(self, tokens):
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x)
        return x @ self.embed.weight.T


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 4, 3, 2, 1)
        self.middle = nn.Conv2d(4, 4, 3, padding=1)
        self.up = nn.ConvTranspose2d(4, 4, 2, 2)
        self.out = nn.Conv2d(5, 1, 1)

    def forward(self, x):
        d = F.relu(self.down(x))
        m = F.relu(self.middle(d))
        u = self.up(m)
        return self.out(torch.cat([x, u], dim=1))


class Experts(nn.Module):
    def __init__(self):
        super().__init__()
        self.router = nn.Linear(4, 3)
        self.experts = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

    def forward(self, x):
        weight, chosen = self.router(x).softmax(-1).max(-1)
        y = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            mine = chosen == number
            if mine.any():
                y[mine] = expert(x[mine])
        return y * weight[:, None]


class ParameterListNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = nn.ParameterList(nn.Parameter(torch.randn(4, 4)) for _ in range(2))

    def forward(self, x):
        for weight in self.weights:
            x = x @ weight
        return x


class BatchNormNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

    def forward(self, x):
        return F.max_pool2d(F.relu(self.norm(self.conv(x))), 2)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x):
        return x + self.conv(x)


class NestedSequential(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 3),
            nn.Sequential(Residual(), nn.ReLU()),
            nn.Flatten(),
            nn.Linear(144, 2),
        )

    def forward(self, x):
        return self.net(x)


class Dropout(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return F.dropout(self.fc(x), 0.5, self.training) + torch.rand(1)


class Counter(nn.Module):
    count: Tensor

    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(()))
        self.seen = 0

    def forward(self, x):
        self.count = self.count + 1
        self.seen += 1
        if self.seen > 1:
            return -x
        return x * self.count


class Pair(NamedTuple):
    a: Tensor
    b: Tensor


class NamedTupleOutput(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        pair = Pair(self.fc(x), x.sum())
        return pair


class Match(nn.Module):
    def forward(self, x, mode="double"):
        match mode:
            case "double":
                y = x * 2
            case _:
                y = x
        return y


class Closure(nn.Module):
    def forward(self, x):
        def scaled(value):
            return value * factor

        factor = x.mean()
        return scaled(x) + scaled(x)


class While(nn.Module):
    def forward(self, x):
        while x.abs().max() > 1:
            x = x / 2
        return x


class TryExcept(nn.Module):
    def forward(self, x):
        try:
            y = x.view(-1, 7)
        except RuntimeError:
            y = x.flatten()
        finally:
            x = x + 1
        return y


class Complex(nn.Module):
    def forward(self, x):
        f = torch.fft.fft(x)
        return f.abs() + torch.fft.ifft(f).real


class Bilinear(nn.Module):
    def __init__(self):
        super().__init__()
        self.bilinear = nn.Bilinear(4, 3, 2)

    def forward(self, left, right):
        return self.bilinear(left, right)


class Einsum(nn.Module):
    def forward(self, x):
        return torch.einsum("bi,bj->bij", x, x).sum(-1)


class GradientPenalty(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x):
        x = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(self.net(x).sum(), x, create_graph=True)
        return slope.square().sum()


class InferenceMode(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        with torch.inference_mode():
            y = self.fc(x)
        return y.clone() + x.sum()


def vectors(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def tokens(high: int) -> Tensor:
    return torch.randint(0, high, (2, 5), generator=torch.Generator().manual_seed(1))


ZOO: dict[type[nn.Module], Callable[[], tuple[Any, ...]]] = {
    Loop: lambda: (vectors(2, 4),),
    Branch: lambda: (vectors(2, 4).abs(),),
    Recursive: lambda: (vectors(2, 4),),
    SharedActivation: lambda: (vectors(2, 4),),
    LSTMNet: lambda: (vectors(2, 5, 4),),
    GRUNet: lambda: (vectors(2, 5, 4),),
    LSTMCellLoop: lambda: (vectors(2, 5, 4),),
    DataclassOutput: lambda: ({"x": vectors(2, 4)},),
    NamespaceInput: lambda: (SimpleNamespace(x=vectors(2, 4)),),
    InPlace: lambda: (vectors(2, 4).requires_grad_(),),
    CustomFunction: lambda: (vectors(2, 4),),
    Checkpointed: lambda: (vectors(2, 4).requires_grad_(),),
    TwoOnALine: lambda: (vectors(2, 4).requires_grad_(),),
    Helper: lambda: (vectors(2, 4).requires_grad_(),),
    Generator: lambda: (vectors(2, 4).requires_grad_(),),
    VMap: lambda: (vectors(2, 4).requires_grad_(),),
    FunctionalGrad: lambda: (vectors(2, 4).requires_grad_(),),
    Comprehension: lambda: (vectors(2, 4),),
    Hooked: lambda: (vectors(2, 4),),
    Tied: lambda: (tokens(7),),
    Lazy: lambda: (vectors(2, 4),),
    NoGradPart: lambda: (vectors(2, 4),),
    Encoder: lambda: (vectors(2, 5, 8),),
    SparseGCN: lambda: (vectors(6, 4), torch.eye(6).to_sparse()),
    Tokens: lambda: (tokens(10),),
    Argmax: lambda: (vectors(2, 4),),
    Upsample: lambda: (vectors(2, 4, 5, 5),),
    Attention: lambda: (vectors(2, 5, 8),),
    Block: lambda: (vectors(2, 5, 8),),
    Transformer: lambda: (tokens(11),),
    UNet: lambda: (vectors(2, 1, 8, 8),),
    Experts: lambda: (vectors(6, 4),),
    ParameterListNet: lambda: (vectors(2, 4),),
    BatchNormNet: lambda: (vectors(2, 3, 8, 8),),
    NestedSequential: lambda: (vectors(2, 1, 8, 8),),
    Dropout: lambda: (vectors(2, 4),),
    Counter: lambda: (vectors(2, 4).requires_grad_(),),
    NamedTupleOutput: lambda: (vectors(2, 4).requires_grad_(),),
    Match: lambda: (vectors(2, 4).requires_grad_(),),
    Closure: lambda: (vectors(2, 4).requires_grad_(),),
    While: lambda: (8 * vectors(2, 4).requires_grad_(),),
    TryExcept: lambda: (vectors(2, 4).requires_grad_(),),
    Complex: lambda: (vectors(2, 4).requires_grad_(),),
    Bilinear: lambda: (vectors(2, 4), vectors(2, 3)),
    Einsum: lambda: (vectors(2, 4).requires_grad_(),),
    GradientPenalty: lambda: (vectors(2, 4),),
    InferenceMode: lambda: (vectors(2, 4).requires_grad_(),),
}
