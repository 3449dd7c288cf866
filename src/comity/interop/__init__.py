"""In what format: lists and files read into statements; bytes in, values out."""

from comity.interop.countries import country_code
from comity.interop.followthemoney import import_ftm, read_ftm
from comity.interop.grades import SCALES, Shown, beside, grade, words_of
from comity.interop.intake import (
    Found,
    Import,
    Reading,
    Rejected,
    Terms,
    Value,
    batches,
    gather,
    statements_from,
)
from comity.interop.ofac import import_ofac, read_ofac
from comity.interop.policy import read_acs, read_iep
from comity.interop.samples import Sample, sample_ofac, sample_un
from comity.interop.tables import import_csv, read_csv
from comity.interop.united_nations import import_un, read_un

__all__ = [
    "SCALES",
    "Found",
    "Import",
    "Reading",
    "Rejected",
    "Sample",
    "Shown",
    "Terms",
    "Value",
    "batches",
    "beside",
    "country_code",
    "gather",
    "grade",
    "import_csv",
    "import_ftm",
    "import_ofac",
    "import_un",
    "read_acs",
    "read_csv",
    "read_ftm",
    "read_iep",
    "read_ofac",
    "read_un",
    "sample_ofac",
    "sample_un",
    "statements_from",
    "words_of",
]
