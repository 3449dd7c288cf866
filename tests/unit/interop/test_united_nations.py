from collections import Counter

import pytest

from comity.core.errors import InvalidInputError, LimitError
from comity.interop import Import, Terms, import_un, sample_un

HEAD = "<?xml version='1.0' encoding='UTF-8'?>"


def loaded(terms: Terms, inside: str) -> Import:
    return import_un(f"{HEAD}<L>{inside}</L>".encode(), terms=terms)


def person(inside: str, number: str = "7") -> str:
    name = "<FIRST_NAME>A B</FIRST_NAME>"
    return f"<INDIVIDUAL><DATAID>{number}</DATAID>{name}{inside}</INDIVIDUAL>"


def said(done: Import, prop: str) -> set[str]:
    return {each.value for each in done.statements if each.prop == prop}


def test_the_whole_list_of_2026_is_taken(terms: Terms) -> None:
    done = import_un(sample_un().files["un_sc.xml"], terms=terms)
    assert done.counts == {"Person": 367, "Organization": 273, "Sanction": 640}
    props = Counter(each.prop for each in done.statements)
    assert (props["weakAlias"], props["previousName"], props["listingDate"]) == (307, 19, 640)
    assert done.rejections < 5


def test_aliases_keep_their_quality_and_their_script(terms: Terms) -> None:
    alias = (
        "<INDIVIDUAL_ALIAS><QUALITY>{}</QUALITY><ALIAS_NAME>{}</ALIAS_NAME></INDIVIDUAL_ALIAS>"
    )
    pairs = [("Good", "One"), ("Low", "Two"), ("", ""), ("Odd", "Three")]
    inside = "".join(alias.format(*pair) for pair in pairs)
    done = loaded(terms, person(inside + "<NAME_ORIGINAL_SCRIPT>علي</NAME_ORIGINAL_SCRIPT>"))
    assert (said(done, "alias"), said(done, "weakAlias")) == ({"One", "علي"}, {"Two"})
    assert [each.field for each in done.rejected] == ["QUALITY"]


@pytest.mark.parametrize(
    ("inside", "values", "original"),
    [
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1978-04-28</DATE>", {"1978-04-28"}, ""),
        (
            "<TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1966</YEAR>",
            {"1966"},
            "approximately 1966",
        ),
        (
            "<TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1951</FROM_YEAR><TO_YEAR>1955</TO_YEAR>",
            {"1951", "1955"},
            "between 1951 and 1955",
        ),
        ("<TYPE_OF_DATE/><NOTE>Nov. 1973 </NOTE>", {"1973-11"}, "Nov. 1973"),
        ("<TYPE_OF_DATE/>", set[str](), ""),
    ],
)
def test_birth_dates_keep_their_doubt(
    terms: Terms, inside: str, values: set[str], original: str
) -> None:
    done = loaded(
        terms, person(f"<INDIVIDUAL_DATE_OF_BIRTH>{inside}</INDIVIDUAL_DATE_OF_BIRTH>")
    )
    assert said(done, "birthDate") == values
    originals = {each.original_value for each in done.statements if each.prop == "birthDate"}
    assert originals <= {original}


def test_documents_places_and_listing_are_kept(terms: Terms) -> None:
    inside = (
        "<LISTED_ON>2005-11-01</LISTED_ON><REFERENCE_NUMBER>CDi.002</REFERENCE_NUMBER>"
        "<NATIONALITY><VALUE>Viet Nam</VALUE><VALUE>Nowhere</VALUE></NATIONALITY>"
        "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Numéro de passeport</TYPE_OF_DOCUMENT>"
        "<NUMBER>AB1</NUMBER><ISSUING_COUNTRY>Iraq</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>"
        "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National</TYPE_OF_DOCUMENT>"
        "<NUMBER>99</NUMBER></INDIVIDUAL_DOCUMENT><INDIVIDUAL_DOCUMENT/>"
        "<INDIVIDUAL_ADDRESS><CITY>Goma</CITY><COUNTRY>Democratic Republic of the Congo"
        "</COUNTRY><NOTE>in prison</NOTE></INDIVIDUAL_ADDRESS>"
        "<INDIVIDUAL_PLACE_OF_BIRTH><COUNTRY>Uganda</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>"
        "<INDIVIDUAL_DATE_OF_BIRTH><YEAR>1970</YEAR><NOTE>or so</NOTE>"
        "</INDIVIDUAL_DATE_OF_BIRTH>"
        "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Z</ALIAS_NAME>"
        "<DATE_OF_BIRTH>1971</DATE_OF_BIRTH></INDIVIDUAL_ALIAS>"
    )
    done = loaded(terms, person(inside))
    assert (said(done, "passportNumber"), said(done, "idNumber")) == ({"AB1"}, {"99"})
    assert said(done, "address") == {"Goma, Democratic Republic of the Congo"}
    assert (said(done, "country"), said(done, "birthCountry")) == ({"cd"}, {"ug"})
    assert (said(done, "listingDate"), said(done, "unscId")) == ({"2005-11-01"}, {"CDi.002"})
    assert said(done, "entity") == {"un-7"}
    assert said(done, "nationality") == {"vn"}
    assert [each.field for each in done.rejected] == ["nationality"]
    assert {"Date of birth: or so", "Alias Z: 1971"} <= said(done, "notes")


def test_an_entry_without_number_or_name_is_rejected_with_its_line(terms: Terms) -> None:
    done = loaded(terms, "\n" + person("", number="x") + "<ENTITY><DATAID>8</DATAID></ENTITY>")
    first = done.rejected[0]
    assert (first.field, first.line) == ("DATAID", 2)
    assert "Person" not in done.counts
    assert "Organization" not in done.counts


BOMB = """<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"""
FILE = """<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>"""


@pytest.mark.parametrize("trick", [BOMB, FILE, "<!DOCTYPE l>"])
def test_nothing_can_be_declared_expanded_or_fetched(terms: Terms, trick: str) -> None:
    with pytest.raises(InvalidInputError):
        import_un(f"{HEAD}{trick}<L>&b;</L>".encode(), terms=terms)


@pytest.mark.parametrize(
    "inside",
    [
        "<D>" * 20 + "</D>" * 20,
        f"<INDIVIDUAL><X>{'a' * 1_100_000}</X></INDIVIDUAL>",
        f"<INDIVIDUAL>{'<X/>' * 70_000}</INDIVIDUAL>",
    ],
)
def test_depth_text_and_number_of_elements_are_bounded(terms: Terms, inside: str) -> None:
    with pytest.raises(LimitError):
        loaded(terms, inside)


@pytest.mark.parametrize(
    "data", [b"", b"<L>", b"\xff\xfe<\x00", b"<L>\xff</L>", b"<L>\x00</L>"]
)
def test_what_is_no_xml_in_utf8_gets_an_answer(terms: Terms, data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        import_un(data, terms=terms)
