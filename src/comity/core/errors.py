"""The error tree.

* ComityError
  - InvalidInputError      the caller sent something malformed
    + LimitError           something is larger, deeper or more than the limit allows
  - VerificationError      a signature, proof or digest does not hold
  - StateError             the step cannot be taken from here (or our own code misused a room)
  - NotFoundError          nothing by that name, or nothing this reader may know of
  - AuthorisationError     this person, seat or token may not do this
  - ConflictError          another act was first, or the same name is taken
  - UnreachableError       something needed does not answer
    + GarbledError         something answers, and not as was agreed
  - StorageError           the disk is full, read-only or broken
  - ConfigurationError     the node is set up wrongly and will not start

A denial by law is not an error: it is a decision, filed and logged. A partner who refuses says
so in an answer; a node that rejects bytes sends a `Rejection`.
"""

from typing import ClassVar


class ComityError(Exception):
    """Base of every error Comity raises on purpose."""

    code: ClassVar[str] = "comity"


class InvalidInputError(ComityError):
    """The caller sent something malformed."""

    code = "input.invalid"


class LimitError(InvalidInputError):
    """Something is larger, deeper or more than the limit allows."""

    code = "input.limit"


class VerificationError(ComityError):
    """A signature, proof or digest does not hold."""

    code = "verify.failed"


class StateError(ComityError):
    """The step cannot be taken from where things stand."""

    code = "state.no-such-step"


class NotFoundError(ComityError):
    """Nothing by that name, or nothing this reader may know of."""

    code = "not-found"


class AuthorisationError(ComityError):
    """A person, seat or token may not do what was asked."""

    code = "act.not-authorised"


class ConflictError(ComityError):
    """Another act was first, or the same name is taken."""

    code = "conflict"


class UnreachableError(ComityError):
    """Something needed does not answer."""

    code = "unreachable"


class GarbledError(UnreachableError):
    """Something answers, and not as was agreed."""

    code = "unreachable.garbled"


class StorageError(ComityError):
    """The disk is full, read-only or broken."""

    code = "storage.failed"


class ConfigurationError(ComityError):
    """The node is set up wrongly and will not start."""

    code = "config.invalid"
