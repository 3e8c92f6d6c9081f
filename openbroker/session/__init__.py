"""Who trades: secrets, credentials, one-time codes and the session that they open."""

from openbroker.schemas.secret import Secret

__all__ = ["Secret"]
