"""Why a partner may refuse, each ground with the provision it rests on.

A ground is a partner's answer, not the law's verdict: what our own law forbids never reaches
the answer form. Points of an article are left out where its text has not been compared.
"""

from collections.abc import Mapping

DIRECTIVE = "Directive (EU) 2023/977, article 6(1)"

GROUNDS: Mapping[str, str] = {
    "not-available": DIRECTIVE,
    "requirements-not-met": "Directive (EU) 2023/977, articles 4 and 6(1)",
    "judicial-authorisation-refused": DIRECTIVE,
    "category-not-covered": DIRECTIVE,
    "data-not-reliable": "Directive (EU) 2016/680, article 7(2)",
    "national-security": DIRECTIVE,
    "ongoing-investigation": DIRECTIVE,
    "safety-of-a-person": DIRECTIVE,
    "interests-of-a-legal-person": DIRECTIVE,
    "minor-offence": DIRECTIVE,
    "not-an-offence": DIRECTIVE,
    "originator-has-not-consented": DIRECTIVE,
    "risk-of-torture": "Convention against Torture (1984), article 3",
    "risk-to-a-refugee": "Refugee Convention (1951), article 33",
    "death-penalty": "European Convention on Extradition (ETS 24), article 11",
    "persecution": "Terrorist Bombings Convention (1997), article 12",
    "tried-before": "European Convention on Extradition (ETS 24), article 9",
    "sovereignty-or-public-order": "Convention on Mutual Assistance (ETS 30), article 2",
}
