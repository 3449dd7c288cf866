"""In what format: lists and files read into statements; bytes in, values out."""

from comity.interop.countries import country_code
from comity.interop.followthemoney import import_ftm, read_ftm
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
from comity.interop.ofac import import_ofac
from comity.interop.samples import Sample, sample_ofac, sample_un
from comity.interop.tables import import_csv, read_csv
from comity.interop.united_nations import import_un, read_un

__all__ = [
    "Found",
    "Import",
    "Reading",
    "Rejected",
    "Sample",
    "Terms",
    "Value",
    "batches",
    "country_code",
    "gather",
    "import_csv",
    "import_ftm",
    "import_ofac",
    "import_un",
    "read_csv",
    "read_ftm",
    "read_un",
    "sample_ofac",
    "sample_un",
    "statements_from",
]
