"""Is a policy fit to play? What `agent-kit check` tries, each with what was found and what to do about it.

| check         | tries                                                                                             |
|---------------|---------------------------------------------------------------------------------------------------|
| `exceptions`  | whole games at every seat against actions drawn at random                                          |
| `legality`    | of these games: was every action legal?                                                            |
| `deadline`    | of these games: how long it thinks, beside the game's clock                                        |
| `blocking`    | of these games: does an async policy keep the event loop, and the heartbeats in it, from running?  |
| `hooks`       | of these games: is `start` and `over` fit to be called?                                            |
| `determinism` | the same game twice: the same actions?                                                             |
| `reconnect`   | every turn twice, as after a lost connection                                                       |
| `takeover`    | another instance goes on in the middle, as after the death of a process                            |
| `memory`      | does it keep something of every match?                                                             |
"""

from agent_kit.testing.checks.finding import Finding, Verdict
from agent_kit.testing.checks.suite import CHECKS, Trial, examine
from agent_kit.testing.checks.trials import Maker

__all__ = ["CHECKS", "Finding", "Maker", "Trial", "Verdict", "examine"]
