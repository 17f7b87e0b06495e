"""Django's engine for PostgreSQL, which lends no connection to a request that has used its time."""
