"""Plays matches: claims `created` events, drives the game's environment, asks the agents, writes the log.

`claims` pulls matches into free slots; `take` begins or resumes one; `play` is one match, `asked` a turn that waits,
`conversation` what is said to the seats; `office` is what the matches of one process share; `service` wires them.
Start more of these processes, anywhere, to play more at once.
"""
