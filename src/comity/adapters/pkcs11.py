"""PKCS#11: a device holds private keys that never leave it, and wraps the master key.

The extra `comity[pkcs11]` brings python-pkcs11. Tested with SoftHSM 2.6.1; a TPM serves through
a PKCS#11 module of its maker (tpm2-pkcs11), which is not tested here. Devices sign Ed25519
(mechanism EDDSA) and wrap by AES-256-GCM; ML-DSA-44 and X-Wing keys stay in software, wrapped
by the master key, until devices know them (PKCS#11 3.2).
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final, Protocol, Self, TypeVar, cast

from comity.core.clock import Entropy
from comity.core.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    UnreachableError,
)
from comity.core.keys import PublicKey

T = TypeVar("T")
_NONCE: Final = 12
_POINT: Final = 32
_BOUND: Final = b"comity/v1/master"
_ED25519: Final = "1.3.101.112"


class _Object(Protocol):
    def sign(self, data: bytes, /, *, mechanism: object) -> bytes: ...

    def encrypt(self, data: bytes, /, **how: object) -> bytes: ...

    def decrypt(self, data: bytes, /, **how: object) -> bytes: ...

    def destroy(self) -> None: ...

    def __getitem__(self, attribute: object, /) -> bytes: ...


class _Parameters(Protocol):
    def generate_keypair(self, **how: object) -> tuple[_Object, _Object]: ...


class _Session(Protocol):
    """What we use of a session: the library is an extra, so its types may not be there."""

    def close(self) -> None: ...

    def get_objects(self, wanted: Mapping[object, object], /) -> Iterable[_Object]: ...

    def generate_key(self, kind: object, bits: int, /, **how: object) -> _Object: ...

    def create_domain_parameters(
        self, kind: object, attributes: Mapping[object, object], /, *, local: bool
    ) -> _Parameters: ...


class Device:
    """One token, opened with its PIN; every call takes its turn.

    A lost session (device unplugged, process forked) is opened anew once; then
    `UnreachableError`.
    """

    def __init__(self, *, module: str, token: str, pin: str) -> None:
        """Open a token by its label.

        Raises `ConfigurationError` where the extra, the module or the token is missing or the
        PIN is wrong.
        """
        if find_spec("pkcs11") is None:
            raise ConfigurationError("keys in a device need the extra `comity[pkcs11]`")
        self._api: ModuleType = import_module("pkcs11")
        self._errors: ModuleType = import_module("pkcs11.exceptions")
        self._where = (module, token)
        self._pin = pin
        self._lock = threading.RLock()
        self._session = self._opened()

    def _opened(self) -> "_Session":
        module, label = self._where
        errors = self._errors
        try:
            library = self._api.lib(module)
            # A token that was made or plugged in after the library was loaded is seen then.
            with suppress(errors.PKCS11Error, AttributeError):
                library.reinitialize()
            token = library.get_token(token_label=label)
            return cast("_Session", token.open(user_pin=self._pin, rw=True))
        except (errors.PinIncorrect, errors.PinLenRange, errors.PinInvalid):
            raise ConfigurationError(f"the PIN of token `{label}` is wrong") from None
        except errors.PinLocked:
            raise ConfigurationError(f"the PIN of token `{label}` is locked") from None
        except (errors.NoSuchToken, errors.MultipleTokensReturned):
            raise ConfigurationError(f"no single token `{label}` at `{module}`") from None
        except (errors.PKCS11Error, RuntimeError, OSError):
            raise ConfigurationError(f"the PKCS#11 module `{module}` does not answer") from None

    def _call(self, act: Callable[[], T]) -> T:
        with self._lock:
            try:
                return act()
            except (NotFoundError, ConflictError):
                raise
            except self._errors.PKCS11Error:
                with suppress(self._errors.PKCS11Error):
                    self._session.close()
            try:
                self._session = self._opened()
                return act()
            except (ConfigurationError, self._errors.PKCS11Error):
                token = self._where[1]
                raise UnreachableError(f"the key device `{token}` does not answer") from None

    def key(self, label: str) -> "DeviceKey":
        """Return the Ed25519 key of this label; raises `NotFoundError`, `UnreachableError`."""
        return DeviceKey(self, label, self._call(lambda: self._public(label)))

    def new_key(self, label: str) -> "DeviceKey":
        """Make an Ed25519 key inside the device; it can be used there and never read.

        Raises `ConflictError` where the label is taken, `UnreachableError`.
        """
        return DeviceKey(self, label, self._call(lambda: self._made(label)))

    def sign(self, label: str, data: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature; raises `NotFoundError`, `UnreachableError`."""
        private = self._api.ObjectClass.PRIVATE_KEY

        def act() -> bytes:
            key = self._found(private, label)
            return bytes(key.sign(data, mechanism=self._api.Mechanism.EDDSA))

        return self._call(act)

    def destroy(self, label: str) -> None:
        """Destroy both halves of a key; a missing one is no error."""
        kinds = self._api.ObjectClass

        def act() -> None:
            for sort in (kinds.PRIVATE_KEY, kinds.PUBLIC_KEY):
                with suppress(NotFoundError):
                    self._found(sort, label).destroy()

        self._call(act)

    def wrap(self, label: str, secret: bytes, *, entropy: Entropy) -> bytes:
        """Encrypt a secret under the device's AES-256 key of this label, made at first use."""
        nonce = entropy.take(_NONCE)

        def act() -> bytes:
            try:
                key = self._found(self._api.ObjectClass.SECRET_KEY, label)
            except NotFoundError:
                kind = self._api.KeyType.AES
                key = self._session.generate_key(kind, 256, label=label, store=True)
            return bytes(key.encrypt(secret, **self._gcm(nonce)))

        return nonce + self._call(act)

    def unwrap(self, label: str, wrapped: bytes) -> bytes:
        """Return the secret; raises `ConfigurationError` where this device did not wrap it."""
        nonce, data = wrapped[:_NONCE], wrapped[_NONCE:]

        def act() -> bytes:
            key = self._found(self._api.ObjectClass.SECRET_KEY, label)
            return bytes(key.decrypt(data, **self._gcm(nonce)))

        try:
            return self._call(act)
        except (NotFoundError, UnreachableError):
            raise ConfigurationError(
                f"token `{self._where[1]}` does not open this node's master key"
            ) from None

    def close(self) -> None:
        """End the session; closing twice is no error."""
        with self._lock, suppress(self._errors.PKCS11Error):
            self._session.close()

    def __enter__(self) -> Self:
        """Return the device, already opened."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the session."""
        self.close()

    def _gcm(self, nonce: bytes) -> dict[str, object]:
        params = self._api.GCMParams(nonce, _BOUND)
        return {"mechanism": self._api.Mechanism.AES_GCM, "mechanism_param": params}

    def _found(self, sort: object, label: str) -> "_Object":
        attribute = self._api.Attribute
        wanted = {attribute.CLASS: sort, attribute.LABEL: label}
        found = list(self._session.get_objects(wanted))
        if len(found) != 1:
            raise NotFoundError(f"token `{self._where[1]}` holds no single key `{label}`")
        return found[0]

    def _public(self, label: str) -> PublicKey:
        found = self._found(self._api.ObjectClass.PUBLIC_KEY, label)
        return _ed25519(found[self._api.Attribute.EC_POINT])

    def _made(self, label: str) -> PublicKey:
        attribute, kinds = self._api.Attribute, self._api.ObjectClass
        wanted = {attribute.CLASS: kinds.PRIVATE_KEY, attribute.LABEL: label}
        if list(self._session.get_objects(wanted)):
            raise ConflictError(f"token `{self._where[1]}` holds a key `{label}` already")
        curve = import_module("pkcs11.util.ec").encode_named_curve_parameters(_ED25519)
        parameters = self._session.create_domain_parameters(
            self._api.KeyType.EC_EDWARDS, {attribute.EC_PARAMS: curve}, local=True
        )
        public, _ = parameters.generate_keypair(
            mechanism=self._api.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            store=True,
            label=label,
            private_template={attribute.SENSITIVE: True, attribute.EXTRACTABLE: False},
        )
        return _ed25519(public[attribute.EC_POINT])


class DeviceKey:
    """An Ed25519 key inside a device: a signing port whose private half nobody reads."""

    __slots__ = ("_device", "label", "public")

    public: PublicKey

    def __init__(self, device: Device, label: str, public: PublicKey) -> None:
        """Name a key that the device holds."""
        self._device = device
        self.label = label
        self.public = public

    def sign(self, data: bytes, /) -> bytes:
        """Return the 64-byte signature; raises `UnreachableError` where the device is gone."""
        return self._device.sign(self.label, data)


def _ed25519(point: bytes) -> PublicKey:
    # PKCS#11 3.0, 2.3.5: EC_POINT is a DER octet string; some devices give the bare point.
    return PublicKey(algorithm="ed25519", raw=point[-_POINT:])
