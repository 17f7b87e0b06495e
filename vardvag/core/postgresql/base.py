from typing import Any

from django.db.backends.postgresql import base

from vardvag.core import database


class DatabaseWrapper(base.DatabaseWrapper):
    """Behind a connection that was given up Django takes another at the end of the transaction, only to say that it
    has ended: four seconds more in the pool's queue, for a request that is late."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        database.in_time()
        return super().get_new_connection(conn_params)
