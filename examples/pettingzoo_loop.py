"""PettingZoo's tutorial loop on a live platform: python examples/pettingzoo_loop.py connect_four my-bot.creds [...]."""

import sys

from agent_kit import pettingzoo

env = pettingzoo.aec_env(sys.argv[1], sys.argv[2:])
env.reset(seed=42)

for agent in env.agent_iter():
    observation, reward, termination, truncation, info = env.last()

    if termination or truncation:
        action = None
        print(agent, info["match"], info["cause"], info.get("placement"))
    else:
        mask = observation["action_mask"]
        # this is where you would insert your policy
        action = env.action_space(agent).sample(mask)

    env.step(action)
env.close()
