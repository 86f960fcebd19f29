"""Style: advantage actor-critic, two networks with an optimizer each. Trap: the advantage is detached for the actor, both losses in one step."""

import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(31)
ENVS, HORIZON, GAMMA = 16, 12, 0.9


class Chase:
    """ENVS points on a line that shall come near their targets."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.x, self.goal = torch.randn(ENVS), torch.randn(ENVS)
        return self.observe()

    def observe(self):
        return torch.stack([self.x, self.goal], dim=1)

    def step(self, push):
        self.x = self.x + 0.3 * push.clamp(-1, 1)
        return self.observe(), -(self.x - self.goal).abs()


class Actor(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
        self.log_std = nn.Parameter(torch.zeros(1))

    def forward(self, obs):
        return Normal(self.body(obs).squeeze(-1), self.log_std.exp())


actor = Actor()
critic = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
actor_optimizer = torch.optim.Adam(actor.parameters(), lr=5e-3)
critic_optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)

env = Chase()
for update in range(60):
    obs = env.reset()
    log_probs, values, rewards = [], [], []
    for _ in range(HORIZON):
        policy = actor(obs)
        push = policy.sample()
        log_probs.append(policy.log_prob(push))
        values.append(critic(obs))
        obs, reward = env.step(push)
        rewards.append(reward)

    with torch.no_grad():
        ahead = critic(obs)
    returns = []
    for reward in reversed(rewards):
        ahead = reward + GAMMA * ahead
        returns.insert(0, ahead)
    returns, values, log_probs = torch.stack(returns), torch.stack(values), torch.stack(log_probs)

    actor_optimizer.zero_grad()
    critic_optimizer.zero_grad()
    advantage = (returns - values).detach()
    actor_loss = -(log_probs * advantage).mean() - 1e-3 * actor.log_std.sum()
    actor_loss.backward()
    actor_optimizer.step()

    critic_loss = nn.functional.mse_loss(values, returns)
    critic_loss.backward()
    critic_optimizer.step()
    if update % 15 == 14:
        total = torch.stack(rewards).sum(0).mean().item()
        print(f"update {update + 1}: return {total:.3f}, critic {critic_loss.item():.3f}")
