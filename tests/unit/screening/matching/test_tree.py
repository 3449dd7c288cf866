"""Entities beside an entity: what it names, what names it, and no further."""

from comity.screening.matching import Held, Near, Tree, links, reverses, tree

HELD = {
    each.entity_id: each
    for each in (
        Held(
            entity_id="anna", schema="Person", properties={"name": ("Anna",)}, datasets=("a",)
        ),
        Held(
            entity_id="firm", schema="Company", properties={"name": ("Firm",)}, datasets=("a",)
        ),
        Held(
            entity_id="owns",
            schema="Ownership",
            properties={"owner": ("anna",), "asset": ("firm", "gone")},
            datasets=("a",),
        ),
        Held(
            entity_id="loop",
            schema="Ownership",
            properties={"owner": ("firm",), "asset": ("firm",)},
            datasets=("a",),
        ),
    )
}


def pointing_at(name: str) -> list[Held]:
    values = (
        (each, value) for each in HELD.values() for v in each.properties.values() for value in v
    )
    return [each for each, value in values if value == name]


NEAR = Near(held=HELD.get, pointing_at=pointing_at)


def beside(found: Tree) -> dict[str, list[str]]:
    return {
        prop: [each.held.entity_id for each in trees] for prop, trees in found.nested.items()
    }


def test_what_names_an_entity_stands_beside_it_under_the_reverse_property() -> None:
    found = tree(HELD["anna"], NEAR)
    assert beside(found) == {"ownershipOwner": ["owns"]}
    (edge,) = found.nested["ownershipOwner"]
    assert beside(edge) == {"asset": ["firm"]}
    assert edge.nested["asset"][0].nested == {}


def test_an_edge_names_both_ends_and_what_is_gone_is_left_out() -> None:
    assert beside(tree(HELD["owns"], NEAR)) == {"owner": ["anna"], "asset": ["firm"]}


def test_what_names_itself_ends() -> None:
    found = tree(HELD["firm"], NEAR)
    assert beside(found) == {"ownershipAsset": ["loop", "owns"], "ownershipOwner": ["loop"]}
    assert all(
        each.held.entity_id != "firm"
        for edge in found.nested["ownershipAsset"]
        for t in edge.nested.values()
        for each in t
    )


def test_only_properties_that_lead_to_entities_are_links() -> None:
    assert {"ownershipOwner", "addressEntity"} <= links("Person")
    assert "name" not in links("Person")
    assert {"owner", "asset"} <= links("Ownership")
    assert "owner" in reverses()
