"""The whole platform on one machine: embedded servers, services as supervised child processes.

`embedded_nats`, `embedded_cluster` and `embedded_postgres` run the servers; `nats_config` is their one configuration;
`supervisor` keeps the services alive; `up` puts it together; `doctor` says what is wrong.
"""
