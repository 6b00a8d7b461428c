"""PostgreSQL, and the only package that imports its clients.

`schema` declares the tables and `migrations` their history; `database` connects; `recording` is written by the
recorder alone; `accounts` by the registrar; `reading` answers the API and the command line.
"""
