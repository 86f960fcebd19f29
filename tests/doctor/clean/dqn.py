"""Style: DQN on a small corridor, replay memory and target network. Trap: acting and targets run without grad, the target network is copied now and then."""

import random
from collections import deque

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(0)
torch.manual_seed(0)
CELLS, GAMMA, BATCH = 7, 0.95, 32


class Corridor:
    """Walk from the middle to the right end; the left end costs."""

    def reset(self):
        self.at, self.time = CELLS // 2, 0
        return self.state()

    def state(self):
        s = torch.zeros(CELLS)
        s[self.at] = 1.0
        return s

    def step(self, action):
        self.at += 1 if action == 1 else -1
        self.time += 1
        done = self.at in (0, CELLS - 1) or self.time >= 20
        reward = 1.0 if self.at == CELLS - 1 else -1.0 if self.at == 0 else -0.01
        return self.state(), reward, done


def make_net():
    return nn.Sequential(nn.Linear(CELLS, 32), nn.ReLU(), nn.Linear(32, 2))


policy_net, target_net = make_net(), make_net()
target_net.load_state_dict(policy_net.state_dict())
target_net.eval()
optimizer = optim.AdamW(policy_net.parameters(), lr=3e-3, amsgrad=True)
memory = deque(maxlen=2000)


def select_action(state, epsilon):
    if random.random() < epsilon:
        return random.randrange(2)
    with torch.no_grad():
        return policy_net(state.unsqueeze(0)).argmax(dim=1).item()


def optimize_model():
    states, actions, rewards, following, done = zip(*random.sample(memory, BATCH), strict=True)
    states, following = torch.stack(states), torch.stack(following)
    actions = torch.tensor(actions).unsqueeze(1)
    rewards, done = torch.tensor(rewards), torch.tensor(done, dtype=torch.float32)
    q_values = policy_net(states).gather(1, actions).squeeze(1)
    with torch.no_grad():
        best_next = target_net(following).max(1).values
    expected = rewards + GAMMA * best_next * (1 - done)
    loss = nn.functional.smooth_l1_loss(q_values, expected)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
    return loss.item()


env, steps = Corridor(), 0
for episode in range(60):
    state, done, total, losses = env.reset(), False, 0.0, []
    while not done:
        action = select_action(state, epsilon=max(0.05, 0.9 - episode / 40))
        following, reward, done = env.step(action)
        memory.append((state, action, reward, following, done))
        state, total, steps = following, total + reward, steps + 1
        if len(memory) >= BATCH:
            losses.append(optimize_model())
        if steps % 50 == 0:
            target_net.load_state_dict(policy_net.state_dict())
    if episode % 10 == 9 and losses:
        print(f"episode {episode + 1}: return {total:.2f}, loss {sum(losses) / len(losses):.4f}")
