"""The web server, and what it shares with the command line.

`registrar` is all that may be done to accounts, agents and credentials; `passwords` and `tokens` prove who somebody
is; `app` puts the routes together; `live` follows the log for event streams; `service` is the process.
"""
