"""The permissions that stand in the account, against a real server."""


from arena.bus import Bus
from arena.bus.provision import provision
from arena.wire import subjects

A = "0" * 25 + "a"
B = "0" * 25 + "b"


async def test_agent_can_talk(bus_for):
    agent = await bus_for(A)
    assert agent.connected
    bus: Bus = await bus_for(subjects.REGISTRAR)
    await provision(bus, ["tictactoe"], claim_lease_ms=2000)
