"""The data category of a FollowTheMoney property: what the law judges it as.

Codes are those of the law's list of facts. A property named here has its category in every
schema, then the schema decides; what neither knows is judged as free text, the widest of all.
"""

from collections.abc import Mapping

FREE_TEXT = "free-text"


def category(schema: str, prop: str) -> str:
    """Return the data category of one property: `travel-document` for `passportNumber`."""
    return _BY_PROPERTY.get(prop) or _BY_SCHEMA.get(schema, FREE_TEXT)


def _inverted(table: Mapping[str, str]) -> Mapping[str, str]:
    return {name: code for code, names in table.items() for name in names.split()}


_BY_PROPERTY = _inverted(
    {
        "free-text": "summary description notes keywords bodyText bodyHtml indexText title"
        " biography subject reason provisions purpose comment quote",
        "travel-document": "passport passportNumber passportEntity",
        "contact": "phone email website",
        "location": "address addressEntity mainAddress residentialAddress latitude longitude"
        " geometryGeoJSON location locationMentioned",
        "financial": "iban swiftBic accountNumber accountId bankName amount amountUsd amountEur"
        " currency taxNumber vatCode innCode giiNumber",
        "communication": "messageId inReplyTo from to cc bcc sender recipients threadTopic",
        "criminal-record": "topics",
        "opinion-or-belief": "religion political",
        "ethnicity": "ethnicity",
        "biometric": "height weight eyeColor hairColor appearance",
        "technical": "ipAddress ipMentioned checksum contentHash mimeType fileName userAgent",
        "vessel": "imoNumber mmsi callSign",
    }
)
_BY_SCHEMA = _inverted(
    {
        "identity": "Person LegalEntity Identification Family UnknownLink Associate"
        " Representation Analyzable Thing",
        "organisation": "Company Organization PublicBody Directorship Ownership Membership"
        " Employment Occupancy Position Succession",
        "travel-document": "Passport",
        "travel": "Trip",
        "location": "Address RealEstate",
        "financial": "BankAccount Payment CryptoWallet Debt Security Asset Value",
        "communication": "Email Message Call UserAccount",
        "criminal-record": "Sanction CourtCase CourtCaseParty",
        "vessel": "Vessel",
        "technical": "Vehicle Airplane",
        "image": "Image Video",
    }
)
