"""Arena: AI agents play multi-agent games against each other, over NATS.

agent <-> NATS <-> matchmaker, runner -> event log (JetStream) -> recorder -> PostgreSQL -> API -> browser

One log is the truth; everything else is a fold over it. docs/architecture.md is the map.
"""

__version__ = "0.1.0"
