"""The data category of a FollowTheMoney property: what the law judges it as.

Codes are those of the law's list of facts. A property named here has its category in every
schema; then its type decides, then its schema or the nearest ancestor of it. What none knows is
judged as free text, the widest of all.
"""

from collections.abc import Mapping

from comity.core.errors import InvalidInputError
from comity.message import vocabulary

FREE_TEXT = "free-text"


def category(schema: str, prop: str) -> str:
    """Return the data category of one property: `travel-document` for `passportNumber`."""
    try:
        kind, known = vocabulary.schema(schema), vocabulary.property_of(schema, prop)
    except InvalidInputError:
        return _BY_PROPERTY.get(prop, FREE_TEXT)
    found = _BY_PROPERTY.get(prop) or _BY_TYPE.get(known.type)
    placed = (name for name in kind.ancestors if name in _BY_SCHEMA)
    nearest = max(placed, key=lambda name: len(vocabulary.schema(name).ancestors), default="")
    return found or _BY_SCHEMA.get(nearest, FREE_TEXT)


def _inverted(table: Mapping[str, str]) -> Mapping[str, str]:
    return {name: code for code, names in table.items() for name in names.split()}


_BY_PROPERTY = _inverted(
    {
        "free-text": "keywords title remarks subject",
        "travel-document": "passportNumber",
        "location": "addressEntity latitude longitude city street street2 region postalCode"
        " postOfficeBox zipCode",
        "financial": "iban swiftBic accountNumber bankName amount amountUsd amountEur taxNumber"
        " vatCode innCode income wealth",
        "communication": "messageId inReplyTo from to cc bcc sender recipients threadTopic",
        "opinion-or-belief": "religion political politicalGroup",
        "ethnicity": "ethnicity",
        "biometric": "height weight eyeColor hairColor appearance",
        "technical": "password privateKey publicKey",
        "vessel": "imoNumber mmsi callSign",
    }
)
_BY_TYPE = _inverted(
    {
        "free-text": "text html json",
        "contact": "phone email url",
        "location": "address",
        "criminal-record": "topic",
        "technical": "ip checksum mimetype",
    }
)
_BY_SCHEMA = _inverted(
    {
        "identity": "LegalEntity Identification Family Associate Representation UnknownLink",
        "organisation": "Organization Directorship Ownership Control Membership Employment"
        " Occupancy Position Succession Project ProjectParticipant License EconomicActivity",
        "travel-document": "Passport",
        "travel": "Trip",
        "event": "Event",
        "location": "Address RealEstate Territory",
        "financial": "Value Debt Payment Security TaxRoll CallForTenders",
        "communication": "Email Message Call UserAccount Audio",
        "criminal-record": "Sanction CourtCase CourtCaseParty Risk",
        "vessel": "Vessel",
        "technical": "Vehicle",
        "image": "Image Video",
    }
)
