"""What may be wrong with a key, or stand in the way of a request that carries one."""

from app.errors import Problem


class InvalidIdempotencyKey(Problem):
    code = "invalid_idempotency_key"
    status = 422
    title = "Send one Idempotency-Key of 1 to 255 visible ASCII characters, in double quotes."


class IdempotencyKeyReused(Problem):
    """The same key came with another request before."""

    code = "idempotency_key_reused"
    status = 422
    title = "This Idempotency-Key was used for another request. Please take a new one for each."


class IdempotencyInProgress(Problem):
    """The same request is being carried out at this moment."""

    code = "idempotency_in_progress"
    status = 409
    title = "This request is being carried out. Please send it again in a moment."


class IdempotencyOutcomeUnknown(Problem):
    """It was carried out, at least in part, and its answer was lost: nothing is created a second time."""

    code = "idempotency_outcome_unknown"
    status = 409
    title = "This request was begun before, and its answer was lost. Please look whether what you wanted is there."
