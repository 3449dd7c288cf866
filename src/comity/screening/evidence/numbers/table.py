"""Which property holds which kind of number."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from comity.screening.evidence.numbers.bank import ACCOUNT, BIC, IBAN
from comity.screening.evidence.numbers.company import LEI, OGRN, REGISTRATION
from comity.screening.evidence.numbers.email import EMAIL
from comity.screening.evidence.numbers.kind import Kind
from comity.screening.evidence.numbers.national_id import NATIONAL_ID
from comity.screening.evidence.numbers.passport import PASSPORT
from comity.screening.evidence.numbers.phone import PHONE
from comity.screening.evidence.numbers.ship import CALL_SIGN, IMO, MMSI
from comity.screening.evidence.numbers.tax import INN, TAX
from comity.screening.evidence.numbers.wallet import WALLET

_OTHER: Final = Kind(name="other")
_OTHERS: Final = [
    "dunsCode",
    "licenseNumber",
    "uniqueEntityId",
    "uscCode",
    "npiCode",
    "bvdId",
    "permId",
    "giiNumber",
    "cageCode",
    "serialNumber",
    "crsNumber",
    "bikCode",
    "cikCode",
    "irsCode",
    "isinCode",
    "isin",
    "jibCode",
    "mbsCode",
    "pfrNumber",
    "ricCode",
    "voenCode",
    "figiCode",
    "accountId",
]

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "passportNumber": PASSPORT,
        "idNumber": NATIONAL_ID,
        "socialSecurityNumber": NATIONAL_ID,
        "taxNumber": TAX,
        "vatCode": TAX,
        "innCode": INN,
        "registrationNumber": REGISTRATION,
        "ogrnCode": OGRN,
        "imoNumber": IMO,
        "mmsi": MMSI,
        "callSign": CALL_SIGN,
        "email": EMAIL,
        "phone": PHONE,
        "leiCode": LEI,
        "swiftBic": BIC,
        "bic": BIC,
        "iban": IBAN,
        "accountNumber": ACCOUNT,
        "publicKey": WALLET,
        "cryptoAddress": WALLET,
        **dict.fromkeys(_OTHERS, _OTHER),
    }
)
"""Property to the kind of its numbers, in the order in which a page shows them."""
