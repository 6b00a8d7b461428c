"""What plays already, mounted as it is: each module has `mount(...)`, which returns a policy.

from agent_kit import run
from agent_kit.mounts import uci

run(uci.mount("stockfish"))

| module       | mounts                                                                        | extra        |
|--------------|-------------------------------------------------------------------------------|--------------|
| `sb3`        | a checkpoint of Stable-Baselines3 or sb3-contrib                              | `sb3`        |
| `torch`      | a PyTorch module, observations -> logits                                      | `torch`      |
| `openspiel`  | a bot of OpenSpiel, for games of OpenSpiel                                    | `openspiel`  |
| `llm`        | a language model behind an OpenAI-compatible address                          | `llm`        |
| `uci`        | a chess engine                                                                | `uci`        |
| `gtp`        | a go engine                                                                   | none         |
| `lines`      | a program in any language that speaks JSON lines on its standard streams      | none         |

The command line names them as `agent-kit run uci:stockfish` (agent_kit.specs).
"""
