"""From what the matcher tells to what is answered."""

from collections.abc import Sequence

from msgspec import UNSET

from comity.api.matching import shapes
from comity.screening import Candidate, Evidence, TokenMatch
from comity.screening.matching import Facet, Found, Held, Page, Scored, Tree, caption

_SHOWN = 100
"""Most words of one name told in an explanation."""
Properties = dict[str, list[str | shapes.Entity]]


def entity(held: Held, properties: Properties | None = None) -> shapes.Entity:
    """Tell one entity; `properties` where others stand beside it."""
    return shapes.Entity(
        id=held.entity_id,
        caption=caption(held),
        schema=held.schema,
        properties=_plain(held) if properties is None else properties,
        datasets=sorted(held.datasets),
        referents=sorted(held.referents),
        target=True,
        first_seen=held.first_seen or None,
        last_seen=held.last_seen or None,
        last_change=held.last_change or None,
        contested=held.is_contested,
        handling=held.handling or UNSET,
    )


def _plain(held: Held) -> Properties:
    return {prop: list(values) for prop, values in held.properties.items()}


def nested(found: Tree) -> shapes.Entity:
    """Tell an entity with those beside it in its properties."""
    properties = _plain(found.held)
    for prop, others in found.nested.items():
        ids = {other.held.entity_id for other in others}
        bare = [value for value in properties.get(prop, []) if value not in ids]
        properties[prop] = [*(nested(other) for other in others), *bare]
    return entity(found.held, properties)


def beside(others: Sequence[Tree], wanted: Page) -> shapes.Beside:
    """Tell one page of the entities that stand beside one by one property."""
    shown = others[wanted.offset : wanted.offset + wanted.limit]
    return shapes.Beside(
        results=[nested(each) for each in shown],
        total=shapes.Total(value=len(others), relation="eq"),
        limit=wanted.limit,
        offset=wanted.offset,
    )


def scored(found: Scored, threshold: float) -> shapes.Scored:
    """Tell a candidate with every reason for and against it."""
    plain, candidate = entity(found.held), found.candidate
    is_suggested = candidate.score >= threshold
    return shapes.Scored(
        id=plain.id,
        caption=plain.caption,
        schema=plain.schema,
        properties=plain.properties,
        datasets=plain.datasets,
        referents=plain.referents,
        target=plain.target,
        first_seen=plain.first_seen,
        last_seen=plain.last_seen,
        last_change=plain.last_change,
        contested=plain.contested,
        handling=plain.handling,
        score=candidate.score,
        match=is_suggested,
        explanations=explained(candidate),
        suggested=is_suggested,
        threshold=threshold,
        flags=[flag.value for flag in candidate.flags],
        edition=candidate.edition,
    )


def explained(candidate: Candidate) -> dict[str, shapes.Feature]:
    """Tell each comparison under its property's name, further ones of it with a number."""
    told: dict[str, shapes.Feature] = {}
    for each in candidate.evidence:
        name, number = each.prop, 1
        while name in told:
            number += 1
            name = f"{each.prop}_{number}"
        told[name] = _feature(each)
    return told


def _feature(each: Evidence) -> shapes.Feature:
    return shapes.Feature(
        score=each.weight,
        detail=f"{each.outcome.value}: {each.how}",
        query=each.asked or None,
        candidate=each.held or None,
        outcome=each.outcome.value,
        how=each.how,
        tokens=[_token(token) for token in each.tokens[:_SHOWN]],
    )


def _token(token: TokenMatch) -> shapes.Token:
    return shapes.Token(
        query=token.asked,
        candidate=token.held,
        how=token.how.value,
        rarity=token.rarity,
        weight=token.weight,
    )


def found(answer: Found, wanted: Page) -> shapes.SearchAnswer:
    """Tell one page of a search."""
    return shapes.SearchAnswer(
        results=[entity(held) for held in answer.results],
        facets={each.name: _facet(each) for each in answer.facets},
        total=shapes.Total(value=answer.total, relation="eq" if answer.is_complete else "gte"),
        limit=wanted.limit,
        offset=wanted.offset,
    )


def _facet(each: Facet) -> shapes.FacetAnswer:
    return shapes.FacetAnswer(
        label=each.label,
        values=[
            shapes.FacetItem(name=value.name, label=value.label, count=value.count)
            for value in each.values
        ],
    )
