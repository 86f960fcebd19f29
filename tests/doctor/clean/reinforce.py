"""Style: REINFORCE after PyTorch's example, one step per episode. Trap: no data set and no labels, log-probabilities are kept until the end of an episode."""

from itertools import count

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical

torch.manual_seed(543)


class Balance:
    """Keep a noisy walker within [-1, 1] by pushing left, right or not at all."""

    def reset(self):
        self.x, self.v = 0.2 * torch.randn(()), torch.zeros(())
        return torch.stack([self.x, self.v])

    def step(self, action):
        self.v = 0.9 * self.v + 0.1 * (action - 1) + 0.05 * torch.randn(())
        self.x = self.x + self.v
        return torch.stack([self.x, self.v]), 1.0, bool(self.x.abs() > 1)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(2, 64)
        self.dropout = nn.Dropout(p=0.2)
        self.affine2 = nn.Linear(64, 3)
        self.saved_log_probs = []
        self.rewards = []

    def forward(self, x):
        x = F.relu(self.dropout(self.affine1(x)))
        return F.softmax(self.affine2(x), dim=1)


policy = Policy()
optimizer = optim.Adam(policy.parameters(), lr=1e-2)
eps = torch.finfo(torch.float32).eps
env = Balance()


def select_action(state):
    probs = policy(state.unsqueeze(0))
    m = Categorical(probs)
    action = m.sample()
    policy.saved_log_probs.append(m.log_prob(action))
    return action.item()


def finish_episode():
    R, returns = 0.0, []
    for r in policy.rewards[::-1]:
        R = r + 0.99 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std(unbiased=False) + eps)
    policy_loss = [
        -log_prob * R for log_prob, R in zip(policy.saved_log_probs, returns, strict=True)
    ]
    optimizer.zero_grad()
    loss = torch.cat(policy_loss).sum()
    loss.backward()
    optimizer.step()
    policy.rewards.clear()
    policy.saved_log_probs.clear()


running_length = 10.0
for i_episode in range(1, 41):
    state = env.reset()
    for t in count(1):
        state, reward, done = env.step(select_action(state))
        policy.rewards.append(reward)
        if done or t >= 60:
            break
    running_length = 0.05 * t + 0.95 * running_length
    finish_episode()
    if i_episode % 10 == 0:
        print(f"Episode {i_episode}\tlast length: {t}\taverage length: {running_length:.2f}")
