"""Gymnasium's loop on a live platform: python examples/gym_loop.py my-bot.creds connect_four [episodes]."""

import sys

from agent_kit import gym

env = gym.make(sys.argv[2], sys.argv[1])
for _ in range(int((sys.argv[3:] or ["1"])[0])):
    observation, info = env.reset()
    terminated = truncated = False
    while not (terminated or truncated):
        action = env.action_space.sample(info.get("action_mask"))
        observation, reward, terminated, truncated, info = env.step(action)
    print(info["match"], info["cause"], info.get("placement"))
env.close()
