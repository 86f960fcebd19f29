from torch import Tensor


def batch_norm(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    gamma: Tensor,
    beta: Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    channels = x.transpose(0, 1).flatten(1)
    mean, var = running_mean.clone(), running_var.clone()
    if training:
        mean = channels.mean(1)
        var = ((channels - mean[:, None]) ** 2).mean(1)
        n = channels.shape[1]
        running_mean.copy_((1 - momentum) * running_mean + momentum * mean.detach())
        running_var.copy_((1 - momentum) * running_var + momentum * var.detach() * n / (n - 1))
    scale = gamma * (var + eps).rsqrt()
    return x * scale[:, None, None] + (beta - mean * scale)[:, None, None]
