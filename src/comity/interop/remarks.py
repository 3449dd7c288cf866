"""The remarks of OFAC's lists: prose in parts, `DOB 1962; alt. DOB 1963; POB Kirkuk, Iraq`."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from comity.interop.countries import country_code
from comity.interop.intake import Entry
from comity.interop.prose import dates
from comity.message import vocabulary

Convert = Callable[[str], Iterable[str]]


def _same(text: str) -> Iterable[str]:
    return (text,)


def _country(text: str) -> Iterable[str]:
    return (country_code(text),)


def _digits(text: str) -> Iterable[str]:
    return ("+" + re.sub(r"\D", "", text),)


def _unquoted(text: str) -> Iterable[str]:
    is_twice = text[0] == text[-1] == "'" and len(text) > len("''")
    return (text[1:-1] if is_twice else text,)


def _gender(text: str) -> Iterable[str]:
    return (text.lower(),)


def _website(text: str) -> Iterable[str]:
    return (text if text.lower().startswith("http") else f"http://{text}",)


_NUMBER: Final = r"(?:No\.?|Number|#)?:? *([A-Z0-9][\w./-]*(?: [\w./-]*\d[\w./-]*)*)"
_PERSONAL: Final = (
    r"(?:Cedula|National ID|Identification Number|D\.N\.I\.|C\.U\.R\.P\.|NIE|SSN|"
    r"Personal ID Card|Identity Card|Birth Certificate Number|Citizen's Card Number|"
    r"Electoral Registry|Residency Number|Tazkira|Bosnian Personal ID|UK ID)"
)
_TAX: Final = (
    r"(?:Tax ID|NIT|RUC|RFC|R\.F\.C\.|RIF|V\.A\.T\. Number|C\.U\.I\.T\.|RTN|"
    r"Italian Fiscal Code|Fiscal Code|Paraguayan RUC|Romanian Tax Registration|Cedula Juridica)"
)
_COMPANY: Final = (
    r"(?:Registration Number|Registration ID|Company Number|Commercial Registry Number|"
    r"Matricula Mercantil|Business Registration(?: Document)?|C\.R\.|Folio Mercantil|"
    r"Trade License|Business Number|Registered Charity|Enterprise Number|Public Registration|"
    r"Unified Social Credit Code \(USCC\)|Certificate of Incorporation Number)"
)
_PASSPORT: Final = rf"(?:Diplomatic |Official )?Passport {_NUMBER}"
_RULES: Final[tuple[tuple[re.Pattern[str], str, Convert], ...]] = tuple(
    (re.compile(shape), prop, convert)
    for shape, prop, convert in (
        (r"DOB (.+)", "birthDate", dates),
        (r"POB (.+)", "birthPlace", _same),
        (r"nationality (.+)", "nationality", _country),
        (r"citizen (.+)", "citizenship", _country),
        (r"Gender:? (Male|Female)", "gender", _gender),
        (r"a\.k\.a\. '(.+)'", "weakAlias", _unquoted),
        (r"[fn]\.k\.a\. '(.+)'", "previousName", _same),
        (_PASSPORT, "passportNumber", _same),
        (rf"{_TAX} *{_NUMBER}", "taxNumber", _same),
        (rf"{_COMPANY} *{_NUMBER}", "registrationNumber", _same),
        (rf"{_PERSONAL} *{_NUMBER}", "idNumber", _same),
        (r"SWIFT/BIC (\w+)", "swiftBic", _same),
        (r"D-U-N-S Number (\S+)", "dunsCode", _same),
        (r"Email(?: Address)?:? ?(\S+@\S+)", "email", _same),
        (r"Website:? ?(\S+)", "website", _website),
        (r"(?:Phone Number|Telephone) *(?:No\. )?([\d() +-]{8,})", "phone", _digits),
        (r"Organization Established Date (.+)", "incorporationDate", dates),
        (r"Vessel Registration Identification (IMO \d+)", "imoNumber", _same),
        (r"MMSI (\d+)", "mmsi", _same),
        (r"Former Vessel Flag (.+)", "pastFlags", _country),
        (r"Vessel Flag (.+)", "flag", _country),
        (r"Aircraft Model (.+)", "model", _same),
        (r"Aircraft Manufacture Date (.+)", "buildDate", dates),
        (r"Aircraft Manufacturer's Serial Number \(MSN\) (\S+)", "serialNumber", _same),
        (r"Aircraft Tail Number (\S+)", "registrationNumber", _same),
    )
)


def add_remarks(entry: Entry, remarks: str) -> None:
    """Add what each part of a remark says; parts that no property holds become notes."""
    for part in _parts(remarks):
        bare = part.removeprefix("alt. ")
        if not _add(entry, bare):
            entry.add("notes", part)


def _parts(remarks: str) -> Iterable[str]:
    trimmed = (part.strip() for part in remarks.removesuffix(".").split("; "))
    return (part for part in trimmed if part)


def _add(entry: Entry, part: str) -> bool:
    properties = vocabulary.schema(entry.schema).properties
    for shape, prop, convert in _RULES:
        found = shape.match(part)
        if found is not None and prop in properties:
            taken = entry.add_as(prop, found[1], convert)
            return taken and not _says_more(part, found)
    return False


def _says_more(part: str, found: re.Match[str]) -> bool:
    """Whether words follow that the value does not hold: an issuing country, an expiry."""
    return found.end() < len(part)
