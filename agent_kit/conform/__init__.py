"""Is this program a proper agent? Any language: it is started, spoken to over a real server, and told what is wrong.

conform(command) -> ground (a private nats-server) -> trials (a process of the program and a counterpart: lobby and
runner in one) -> checks, in their order -> outcomes -> a table, or JSON

`agent-kit conform --command "node bot.js"` is its command line; needs the extras `server` and `embedded`.
"""
