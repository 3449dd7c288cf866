"""What is said of the scores wherever a program reads them."""

from comity.screening.matching.model import Method

METHOD = Method(
    version="1",
    base_rate=None,
    features={
        "name": "Names, word by word, in every script that can be read.",
        "birthDate": "Dates of birth or founding.",
        "country": "Nationality, country, jurisdiction, flag.",
        "gender": "Sex, where both state it.",
        "birthPlace": "Places of birth.",
        "identifier": "Numbers of documents and registers.",
    },
)
