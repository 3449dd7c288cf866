"""The kernel decides: who outweighs whom, what unknown does, and what a hostile draft gets."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.clock import DAY, HOUR, Instant, from_iso, iso
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, CaseId
from comity.law import (
    Corpus,
    Decision,
    Denied,
    Evidence,
    Permitted,
    Referred,
    Role,
    Rule,
    Side,
    Span,
    Verdict,
    decide,
    holds,
    load_corpus,
    shipped_corpus,
    shipped_packs,
)
from comity.law.logic import Predicate
from comity.law.model import Duty
from comity.law.view import Truth, View
from comity.message import Draft, Facts, Handling, Item, Tlp

CORPUS = shipped_corpus()
AT: Instant = from_iso("2026-11-23T10:00:00Z")
AMBER = Handling(tlp=Tlp.AMBER)
FACTS: Facts = {
    **dict.fromkeys(
        (
            *("torture_risk", "refoulement_risk", "persecution_risk", "neutrality_concern"),
            *("from_torture", "death_penalty_risk", "political_offence", "free_text_sensitive"),
            *("minor", "victim", "special_category", "automated_origin", "third_party"),
            *("for_investigation", "warning_of_offence", "suspect_fled"),
            *(name for name in CORPUS.lexicon.facts if name.startswith("conduct_")),
        ),
        False,
    ),
    **dict.fromkeys(
        ("national_law_permits", "conduct_bombing", "for_prevention", "accurate_and_verified"),
        True,
    ),
}
ITEMS = tuple(
    Item(path=path, category=category, handling=AMBER)
    for path, category in (
        ("subject/properties/name/0", "identity"),
        ("subject/properties/birthDate/0", "identity"),
        ("journey", "travel"),
        ("background", "free-text"),
    )
)
ASK = Draft(
    kind="requests.ask/1",
    originator=AgencyId("xn.police"),
    recipient=AgencyId("xa.border"),
    purpose="counter-terrorism",
    at=AT,
    body={"journey": "n", "background": "b"},
    handling=AMBER,
    case=CaseId("case"),
    categories=frozenset({"identity", "travel", "free-text"}),
    items=ITEMS,
    facts=FACTS,
)
EU_ASK = replace(
    ASK,
    originator=AgencyId("fr.police"),
    recipient=AgencyId("us.police"),
    at=from_iso("2019-01-01T10:00:00Z"),
    facts={
        **FACTS,
        "necessary_for_law_enforcement": True,
        "recipient_is_competent": True,
        "safeguards_assessed": True,
        "quality_checked": True,
        "from_member_state": False,
    },
)


def with_rules(*more: Rule, without: str = "") -> Corpus:
    rules = tuple(rule for rule in CORPUS.rules if rule.name != without)
    return replace(CORPUS, rules=(*rules, *more))


def a_rule(role: Role, test: Mapping[str, Truth] | Truth, *, name: str = "test") -> Rule:
    def told(_view: View) -> Truth:
        return None if isinstance(test, Mapping) else test

    return Rule(
        name=name,
        role=role,
        text="a rule of the test",
        cite="Treaty of the Test, art. 1",
        pack="test",
        evidence=Evidence.SEEN,
        sides=frozenset({Side.RELEASE}),
        test=told,
        reads=(),
        of_value=False,
        of_handling=False,
        lifted_by=frozenset({"legal"}),
    )


def breaks(_view: View) -> Truth:
    raise ZeroDivisionError


def stating(draft: Draft, **facts: Truth) -> Draft:
    return replace(draft, facts={**draft.facts, **facts})


def unstating(draft: Draft, name: str) -> Draft:
    return replace(draft, facts={k: v for k, v in draft.facts.items() if k != name})


def rules_of(decision: Decision, verdict: Verdict) -> set[str]:
    return {reason.rule for reason in decision.reasons if reason.outcome is verdict}


def test_an_ordinary_question_is_permitted_on_a_cited_basis() -> None:
    decision = decide(ASK, CORPUS)
    assert isinstance(decision, Permitted)
    assert decision.basis == ("Bombings Convention, art. 15(b)",)
    assert decision.smallest_set == ()
    assert {"ReviewBy", "CorrectionFollows"} == {each.code for each in decision.obligations}


@pytest.mark.parametrize("recipient", ["xm.police", "xc.police"])
def test_without_a_basis_in_force_every_value_and_the_message_are_denied(
    recipient: str,
) -> None:
    draft = replace(ASK, recipient=AgencyId(recipient))
    decision = decide(draft, CORPUS)
    assert isinstance(decision, Denied)
    assert "law.no-basis" in rules_of(decision, Verdict.DENY)
    assert decision.missing == ()
    assert decision.obligations == ()


def test_a_purpose_nobody_declared_denies_the_empty_body_too() -> None:
    decision = decide(replace(ASK, purpose="curiosity"), CORPUS)
    assert isinstance(decision, Denied)
    assert decision.smallest_set is None


def test_an_unknown_fact_of_an_absolute_prohibition_refers_and_is_named() -> None:
    decision = decide(unstating(ASK, "torture_risk"), CORPUS)
    assert isinstance(decision, Referred)
    assert decision.missing == ("torture_risk",)
    assert decision.lifted_by == {"legal", "rights"}


def test_nobody_lifts_an_absolute_prohibition() -> None:
    decision = decide(unstating(ASK, "torture_risk"), CORPUS, lifted=["torture=xn.police/abcd"])
    assert isinstance(decision, Referred)


def test_a_lifted_referral_permits_and_says_so() -> None:
    decision = decide(stating(ASK, minor=True), CORPUS, lifted=["minor=xn.police/abcd"])
    assert isinstance(decision, Permitted)
    assert "minor" in rules_of(decision, Verdict.PERMIT)


def test_a_lift_never_reaches_a_denial() -> None:
    draft = stating(ASK, third_party=True)
    assert isinstance(decide(draft, CORPUS, lifted=["terms-onward", "law.no-basis"]), Denied)


def test_an_undeclared_fact_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="unknown fact `torture_rsk`"):
        decide(stating(ASK, torture_rsk=False), CORPUS)


def test_a_fact_of_a_value_nobody_declared_is_refused() -> None:
    item = replace(ITEMS[0], facts={"torture_rsk": False})
    with pytest.raises(InvalidInputError, match="unknown fact `torture_rsk`"):
        decide(replace(ASK, items=(item,)), CORPUS)


def test_a_value_of_an_unknown_category_has_no_basis() -> None:
    strange = Item(path="x", category="thoughts", handling=AMBER)
    decision = decide(replace(ASK, items=(*ITEMS, strange)), CORPUS)
    assert isinstance(decision, Denied)
    assert decision.smallest_set == ("x",)


def test_what_is_left_out_lets_the_rest_pass() -> None:
    print_ = Item(path="print", category="biometric", handling=AMBER)
    theirs = Item(
        path="theirs", category="identity", handling=AMBER, facts={"third_party": True}
    )
    draft = replace(ASK, items=(*ITEMS, print_, theirs))
    decision = decide(draft, CORPUS)
    assert isinstance(decision, Denied)
    assert decision.smallest_set == ("print", "theirs")
    rest = replace(draft.without(decision.smallest_set), categories=ASK.categories)
    assert isinstance(decide(rest, CORPUS), Permitted)


def test_a_value_worse_than_its_message_says_counts_as_the_worse() -> None:
    item = replace(ITEMS[0], facts={"special_category": True})
    assert isinstance(decide(replace(ASK, items=(item,)), CORPUS), Referred)


def test_a_doubt_about_one_value_beats_a_no_for_the_message() -> None:
    item = replace(ITEMS[0], facts={"automated_origin": None})
    decision = decide(replace(ASK, items=(item, *ITEMS[1:])), CORPUS)
    assert isinstance(decision, Referred)
    assert decision.smallest_set == (item.path,)


def test_what_is_known_of_a_value_answers_what_is_not_known_of_the_message() -> None:
    items = tuple(replace(item, facts={"third_party": False}) for item in ITEMS)
    draft = replace(unstating(ASK, "third_party"), items=items)
    assert isinstance(decide(draft, CORPUS), Permitted)


def test_a_message_that_carries_nothing_is_judged_on_the_message_alone() -> None:
    empty = replace(unstating(ASK, "third_party"), items=(), categories=frozenset())
    assert isinstance(decide(empty, CORPUS), Permitted)
    assert isinstance(decide(unstating(empty, "torture_risk"), CORPUS), Referred)


def test_a_category_without_a_value_is_judged_with_the_message() -> None:
    draft = replace(ASK, categories=frozenset({"identity", "genetic"}), items=())
    assert isinstance(decide(draft, CORPUS), Referred)
    assert isinstance(decide(replace(draft, categories=frozenset({"asylum"})), CORPUS), Denied)


def test_a_recall_needs_no_basis_and_no_facts() -> None:
    recall = replace(
        ASK,
        recipient=AgencyId("xm.police"),
        items=(),
        categories=frozenset(),
        facts={},
        is_protective=True,
    )
    assert isinstance(decide(recall, CORPUS), Permitted)
    assert isinstance(holds(recall, CORPUS), Permitted)


def test_only_the_free_text_of_a_recall_can_be_withheld() -> None:
    recall = replace(
        ASK, items=ITEMS[-1:], categories=frozenset({"free-text"}), is_protective=True
    )
    doubtful = decide(replace(recall, facts={}), CORPUS)
    assert doubtful.smallest_set == ("background",)
    assert isinstance(decide(recall, CORPUS), Permitted)
    assert isinstance(holds(replace(recall, facts={}), CORPUS), Permitted)


def test_a_message_that_calls_itself_protective_and_carries_a_name_is_a_disclosure() -> None:
    sham = replace(ASK, recipient=AgencyId("xm.police"), is_protective=True)
    assert isinstance(decide(sham, CORPUS), Denied)
    assert isinstance(holds(sham, CORPUS), Denied)
    hidden = replace(sham, items=(), categories=frozenset({"identity"}))
    assert isinstance(decide(hidden, CORPUS), Denied)
    assert isinstance(
        decide(replace(hidden, categories=frozenset({"thoughts"})), CORPUS), Denied
    )


def test_the_receiver_needs_a_basis_but_not_the_senders_answers() -> None:
    draft = replace(ASK, facts={"from_torture": False})
    assert isinstance(holds(draft, CORPUS), Permitted)
    assert isinstance(holds(replace(draft, purpose="curiosity"), CORPUS), Denied)
    assert isinstance(holds(replace(draft, facts={}), CORPUS), Referred)


def test_a_basis_meant_for_others_holds_nothing_here() -> None:
    units = replace(ASK, originator=AgencyId("xu.piu"), recipient=AgencyId("xv.piu"))
    assert "pnr-4-2" in rules_of(holds(units, CORPUS), Verdict.PERMIT)
    police = replace(units, originator=AgencyId("xu.police"))
    assert "pnr-4-2" not in rules_of(holds(police, CORPUS), Verdict.PERMIT)


def test_a_basis_that_breaks_on_arrival_is_no_basis() -> None:
    basis = replace(
        a_rule(Role.BASIS, test=True),
        sides=frozenset(Side),
        test=Predicate(test=breaks, is_settled=True),
        purposes=None,
        categories=frozenset({"radiological"}),
        between="UN-BOMBINGS-1997",
    )
    found = replace(ASK, items=(), categories=frozenset({"radiological"}))
    whole = holds(found, with_rules(replace(basis, test=lambda _: True)))
    assert "test" in rules_of(whole, Verdict.PERMIT)
    assert "test" not in rules_of(holds(found, with_rules(basis)), Verdict.PERMIT)


def test_the_emergency_path_is_dated_and_reported() -> None:
    late = stating(
        EU_ASK,
        from_member_state=True,
        prior_authorisation=False,
        immediate_threat=True,
        no_time_for_authorisation=True,
    )
    decision = decide(late, CORPUS)
    assert isinstance(decision, Permitted)
    due = {each.code: each.due for each in decision.obligations}
    assert due["ValidateAfterwards"] == iso(Instant(EU_ASK.at + 48 * HOUR))
    assert {"NotifyOriginator", "ReportToSupervisor"} <= due.keys()


def test_obligations_carry_handling_codes_and_the_earliest_date_wins() -> None:
    codes = {each.code: each.handling for each in decide(EU_ASK, CORPUS).obligations}
    assert codes["NoOnward"] == {"H2"}
    marked = replace(ASK, handling=replace(AMBER, codes=frozenset({"H1"})))
    assert "H1" in {code for o in decide(marked, CORPUS).obligations for code in o.handling}


def test_of_two_dates_for_one_duty_the_earlier_wins_and_codes_unite() -> None:
    late, soon = (
        replace(
            a_rule(Role.OBLIGATION, truth, name=name),
            duties=(Duty(code="D", detail=name, within=span, handling=frozenset({code})),),
        )
        for truth, name, span, code in (
            (True, "late", None, "H1"),
            (None, "soon", Span(length=8, unit="h"), "H2"),
        )
    )
    for rules in ((late, soon), (soon, late)):
        [duty] = [o for o in decide(ASK, with_rules(*rules)).obligations if o.code == "D"]
        assert (duty.detail, duty.handling) == ("soon", frozenset({"H1", "H2"}))
        assert duty.due == iso(Instant(ASK.at + 8 * HOUR))


def test_a_rule_that_breaks_denies() -> None:
    corpus = with_rules(replace(a_rule(Role.SENSITIVITY, test=False), test=breaks))
    decision = decide(ASK, corpus)
    assert isinstance(decision, Denied)
    assert rules_of(decision, Verdict.DENY) == {"test"}


def test_a_basis_that_breaks_denies_even_beside_a_good_one() -> None:
    broken = replace(
        next(rule for rule in CORPUS.rules if rule.name == "bombings-10"), name="b", test=breaks
    )
    assert isinstance(decide(ASK, with_rules(broken)), Denied)


@pytest.mark.parametrize(
    ("role", "truth", "outcome"),
    [
        (Role.ABSOLUTE, True, Denied),
        (Role.ABSOLUTE, None, Referred),
        (Role.ABSOLUTE, False, Permitted),
        (Role.TERM, True, Permitted),
        (Role.TERM, None, Denied),
        (Role.TERM, False, Denied),
        (Role.CONDITION, True, Denied),
        (Role.CONDITION, None, Referred),
        (Role.CONDITION, False, Permitted),
        (Role.SENSITIVITY, True, Referred),
        (Role.SENSITIVITY, None, Referred),
        (Role.SENSITIVITY, False, Permitted),
        (Role.OBLIGATION, True, Permitted),
        (Role.MANDATE, True, Permitted),
    ],
)
def test_each_role_meets_true_false_and_unknown_its_own_way(
    role: Role, truth: Truth, outcome: type[Decision]
) -> None:
    assert isinstance(decide(ASK, with_rules(a_rule(role, truth))), outcome)


@pytest.mark.parametrize("role", [Role.ABSOLUTE, Role.TERM, Role.CONDITION])
def test_an_unverified_rule_refers_where_it_would_deny(role: Role) -> None:
    rule = replace(a_rule(role, role is not Role.TERM), evidence=Evidence.UNVERIFIED)
    assert isinstance(decide(ASK, with_rules(rule)), Referred)


@pytest.mark.parametrize(
    ("owed", "met", "outcome"),
    [
        (True, True, Permitted),
        (True, None, Denied),
        (True, False, Denied),
        (None, True, Permitted),
        (None, None, Referred),
        (None, False, Referred),
        (False, None, Permitted),
    ],
)
def test_a_term_that_may_not_be_owed_refers(
    owed: Truth, met: Truth, outcome: type[Decision]
) -> None:
    rule = replace(a_rule(Role.TERM, met), where=lambda _view: owed)
    assert isinstance(decide(ASK, with_rules(rule)), outcome)


def test_an_unverified_basis_never_permits() -> None:
    draft = stating(ASK, conduct_bombing=False, conduct_hostages=True)
    assert isinstance(decide(draft, CORPUS), Referred)


def test_a_basis_that_looks_at_single_values_is_asked_for_each() -> None:
    def is_named(view: View) -> Truth:
        return view.category in {None, "identity", "free-text"}

    held = next(rule for rule in CORPUS.rules if rule.name == "bombings-15-b")
    narrow = replace(held, of_value=True, test=is_named)
    decision = decide(ASK, with_rules(narrow, without="bombings-15-b"))
    assert isinstance(decision, Denied)
    assert decision.smallest_set == ("journey",)


def test_a_mandate_is_no_basis() -> None:
    draft = stating(ASK, conduct_bombing=False)
    assert isinstance(decide(draft, with_rules(without="concord-4")), Denied)


FACT_NAMES = sorted(CORPUS.lexicon.facts)
TRUTHS = st.sampled_from([True, False, None])
STATED = st.dictionaries(st.sampled_from(FACT_NAMES), TRUTHS, max_size=8)
ROLES = st.sampled_from([Role.ABSOLUTE, Role.TERM, Role.CONDITION, Role.SENSITIVITY])
RECIPIENTS = st.sampled_from(
    ["xa.border", "xm.police", "xc.fiu", "xb.fiu", "no.police", "us.fbi"]
)
ORIGINATORS = st.sampled_from(["xn.police", "fr.police"])
HANDLINGS = st.sampled_from(
    [AMBER, replace(AMBER, codes=frozenset({"H3"})), replace(AMBER, releasable=frozenset())]
)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    items = tuple(
        Item(path=str(i), category=category, handling=draw(HANDLINGS))
        for i, category in enumerate(
            draw(st.lists(st.sampled_from(sorted(CORPUS.lexicon.categories)), max_size=4))
        )
    )
    return replace(
        ASK,
        originator=AgencyId(draw(ORIGINATORS)),
        recipient=AgencyId(draw(RECIPIENTS)),
        purpose=draw(st.sampled_from(sorted(CORPUS.lexicon.purposes))),
        facts={**FACTS, **draw(STATED)},
        items=items,
        categories=frozenset(item.category for item in items),
        is_protective=draw(st.booleans()),
    )


@given(drafts(), ROLES, TRUTHS)
def test_one_more_prohibition_never_permits_more(
    draft: Draft, role: Role, truth: Truth
) -> None:
    before = decide(draft, CORPUS)
    after = decide(draft, with_rules(a_rule(role, truth)))
    assert after.verdict >= before.verdict


@given(drafts(), st.sampled_from(FACT_NAMES))
def test_an_answer_taken_away_never_turns_a_no_into_a_permit(draft: Draft, name: str) -> None:
    before, after = decide(draft, CORPUS), decide(unstating(draft, name), CORPUS)
    assert before.verdict is Verdict.PERMIT or after.verdict is not Verdict.PERMIT


@given(drafts(), st.sampled_from(FACT_NAMES))
def test_an_unknown_answer_is_the_same_as_none(draft: Draft, name: str) -> None:
    unknown, unsaid = decide(stating(draft, **{name: None}), CORPUS), unstating(draft, name)
    assert unknown.reasons == decide(unsaid, CORPUS).reasons


@given(drafts())
def test_the_order_of_rules_changes_nothing(draft: Draft) -> None:
    turned = replace(CORPUS, rules=CORPUS.rules[::-1])
    one, other = decide(draft, CORPUS), decide(draft, turned)
    assert one == other


@given(drafts())
def test_every_permit_cites_a_basis_and_every_answer_a_provision(draft: Draft) -> None:
    decision = decide(draft, CORPUS)
    assert all(reason.cite for reason in decision.reasons)
    if decision.verdict is Verdict.PERMIT:
        is_protective = rules_of(decision, Verdict.PERMIT) & {"law.protective"}
        assert decision.basis or is_protective
        assert decision.smallest_set == ()


@given(drafts())
def test_what_is_left_out_leaves_nothing_worse_than_the_message(draft: Draft) -> None:
    decision = decide(draft, CORPUS)
    if decision.smallest_set is not None:
        kept = tuple(item for item in draft.items if item.path not in decision.smallest_set)
        left = frozenset(item.category for item in kept)
        again = decide(replace(draft, items=kept, categories=left), CORPUS)
        assert again.verdict <= decision.verdict
        # What only called itself protective is so indeed once its values are gone, and its
        # text is then judged against another floor.
        assert draft.is_protective or again.smallest_set == ()


@given(drafts())
def test_the_same_question_has_the_same_digest(draft: Draft) -> None:
    fresh = replace(CORPUS)
    one, other = decide(draft, CORPUS), decide(replace(draft), fresh)
    assert one.digest == other.digest
    assert len(one.digest) == 32


def test_the_digest_binds_values_packs_lifts_and_side() -> None:
    digests = {
        decide(ASK, CORPUS).digest,
        decide(replace(ASK, categories=ASK.categories | {"event"}), CORPUS).digest,
        decide(ASK, replace(CORPUS, digest=b"other")).digest,
        decide(ASK, CORPUS, lifted=["minor"]).digest,
        holds(ASK, CORPUS).digest,
        decide(replace(ASK, at=Instant(ASK.at + 1)), CORPUS).digest,
        decide(stating(ASK, victim=None), CORPUS).digest,
    }
    assert len(digests) == 7


def read_by(draft: Draft) -> set[str]:
    """Facts that a prohibition or term, or the bases that permit, read for this draft."""
    docket = CORPUS.docket(View(draft, CORPUS.treaties, day=AT_DAY), Side.RELEASE)
    carried = {item.category for item in draft.items}
    limits = {
        name
        for each in docket.rules
        if each.rule.role is not Role.OBLIGATION
        for name in each.rule.reads
    }
    permitting = rules_of(decide(draft, CORPUS), Verdict.PERMIT)
    bases = [
        basis.rule
        for basis in docket.bases
        if basis.rule.name in permitting and basis.rule.categories & carried
    ]
    return (limits | {name for rule in bases for name in rule.reads}) & draft.facts.keys()


AT_DAY = date(2026, 11, 23)
# Dropping these is moot: a treaty in force disapplies the political offence whatever it is,
# other conducts are alternatives, and an ordinary category itself says it is not special.
MOOT = {"political_offence", "special_category"} | {
    name for name in FACTS if name.startswith("conduct_") and not FACTS[name]
}


@pytest.mark.parametrize("name", sorted(read_by(ASK) - MOOT))
def test_a_dropped_answer_never_stays_a_permit(name: str) -> None:
    assert decide(ASK, CORPUS).verdict is Verdict.PERMIT
    assert decide(unstating(ASK, name), CORPUS).verdict is not Verdict.PERMIT


def test_what_is_remembered_has_a_limit_and_changes_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("comity.law.corpus._DOCKETS", 1)
    monkeypatch.setattr("comity.law.hearing._PLACES", 1)
    corpus = load_corpus(shipped_packs())
    for days in range(3):
        for facts in (FACTS, {**FACTS, "conduct_bombing": False}):
            asked = replace(ASK, at=Instant(AT + days * DAY), facts=facts)
            assert decide(asked, corpus) == decide(asked, CORPUS)
