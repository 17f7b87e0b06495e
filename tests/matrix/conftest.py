import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Tens of thousands of requests: their lines in the log are not read."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
