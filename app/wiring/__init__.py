"""The one place that builds things. wsgi, worker, CLI and tests all call ``wire``."""

from app.storage.limit_counts import uri as limit_counts_uri
from app.storage.pool import is_away as database_is_away
from app.storage.redis import PATIENCE_S as REDIS_PATIENCE_S
from app.storage.redis import Away as RedisAway
from app.wiring.ports import Ports, real_ports
from app.wiring.services import Services, wire

# With what the edge has to know of what lies below it.
__all__ = [
    "REDIS_PATIENCE_S",
    "Ports",
    "RedisAway",
    "Services",
    "database_is_away",
    "limit_counts_uri",
    "real_ports",
    "wire",
]
