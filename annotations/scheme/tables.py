"""The tables of the annotation scheme, in the order of menus and documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MAX_ROLE_TEXT = 200
"""The maximum length of ``role_text``, in code points."""

DEPTHS = ("spans", "statements")
"""What a corpus requires before submission: correct spans only, or full statements."""

PROPOSITION_KINDS = ("issue", "assertion")
"""An issue is something to be for or against; an assertion is true or false."""

GUIDELINE_RULES: dict[str, str] = {
    "B1": "A mark starts and ends on a letter or digit.",
    "B2": "A mark never crosses a paragraph break.",
    "B3": "Two marks of the same label never overlap.",
    "A2": "A title that goes with a name is kept as the role as printed.",
    "A5": "A pronoun is marked only if the sentence of the claim has nothing better.",
    "A6": "Every actor is linked to the registry, an unnamed spokesperson to the organisation.",
    "C5": "Every claim has a type.",
    "C6": "Mode: all in quotation marks is direct, none is indirect, partly is mixed.",
    "C7": "Every claim has its source, or says that nobody is named.",
    "C9": "Certainty is the source's.",
    "P1": "A position takes a stand on an issue of the list.",
    "P3": "Stance is towards the issue as the list words it.",
    "P4": "Basis: own words, conduct, or what somebody else says.",
    "P5": "Every position has a holder in the text.",
    "P6": "A dated past act counts, with its date.",
}
"""The guideline rules that the scheme refers to, each in one sentence. Codes are stable."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of spans.

    ``links`` are the fields through which a span of the label may refer to the registry; ``key`` is the
    shortcut in the workbench.
    """

    name: str
    title: str
    key: str
    description: str
    links: tuple[Literal["actor", "proposition"], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of an attribute of the kind ``choice``."""

    value: str
    description: str


@dataclass(frozen=True, slots=True)
class AttributeUse:
    """The use of an attribute on one label.

    ``rule`` is its rule of the guideline, ``required`` whether a full statement needs it, and ``default``
    the value that the workbench fills in; the API has no defaults.
    """

    label: str
    rule: str | None = None
    required: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of spans.

    ``uses`` are the labels that have it, ``choices`` its values if its kind is ``choice``, and
    ``max_length`` its limit in code points if its kind is ``text``.
    """

    name: str
    kind: Literal["choice", "text", "date"]
    description: str
    uses: tuple[AttributeUse, ...]
    choices: tuple[Choice, ...] = ()
    max_length: int | None = None

    @property
    def title(self) -> str:
        """The name for users, such as ``claim type``."""
        return self.name.replace("_", " ")

    @property
    def values(self) -> tuple[str, ...]:
        """The allowed values in order; empty unless the kind is ``choice``."""
        return tuple(choice.value for choice in self.choices)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that have the attribute."""
        return tuple(use.label for use in self.uses)

    def use_on(self, label: str) -> AttributeUse | None:
        """Return the use on a label, or None if the label does not have the attribute."""
        return next((use for use in self.uses if use.label == label), None)


@dataclass(frozen=True, slots=True)
class RelationType:
    """A type of relation from a span to another span of the same set."""

    name: str
    title: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    cardinality: str
    description: str


LABELS: dict[str, Label] = {
    label.name: label
    for label in (
        Label("actor", "Actor", "a", "Who says, decides, does or is addressed.", ("actor",)),
        Label("claim", "Claim", "c", "What somebody is reported to say.", ("proposition",)),
        Label("position", "Position", "p", "Where an actor stands on an issue.", ("proposition",)),
    )
}

ATTRIBUTES: dict[str, Attribute] = {
    attribute.name: attribute
    for attribute in (
        Attribute(
            "mention_type",
            "choice",
            "How the actor is mentioned.",
            (AttributeUse("actor", "A5", required=True, default="name"),),
            (
                Choice("name", "by a proper name"),
                Choice("description", "by a description without a name"),
                Choice("metonym", "by a place that stands for its government"),
                Choice("pronoun", "by a pronoun"),
            ),
        ),
        Attribute(
            "role_text",
            "text",
            "The title or role as printed, one line.",
            (AttributeUse("actor", "A2"),),
            max_length=MAX_ROLE_TEXT,
        ),
        Attribute(
            "claim_type",
            "choice",
            "What the source does with the claim.",
            (AttributeUse("claim", "C5", required=True, default="assertion"),),
            (
                Choice("assertion", "says that something is so"),
                Choice("evaluation", "says that something is good, bad, dangerous"),
                Choice("demand", "says what should be done"),
                Choice("announcement", "tells a plan or decision of the own side"),
                Choice("prediction", "says what will happen"),
            ),
        ),
        Attribute(
            "stance",
            "choice",
            "Where the holder stands towards the issue as the list words it.",
            (AttributeUse("position", "P3", required=True),),
            (
                Choice("support", "for it"),
                Choice("oppose", "against it"),
                Choice("mixed", "both in one stretch"),
                Choice("undecided", "considers, discusses or leaves it open"),
            ),
        ),
        Attribute(
            "basis",
            "choice",
            "What shows the stance.",
            (AttributeUse("position", "P4", required=True, default="stated"),),
            (
                Choice("stated", "own words, or those of a spokesperson"),
                Choice("conduct", "a decision, vote, refusal or act"),
                Choice("ascribed", "somebody else says what the holder wants or thinks"),
            ),
        ),
        Attribute(
            "mode",
            "choice",
            "How much of it stands in quotation marks.",
            (AttributeUse("claim", "C6", required=True, default="indirect"), AttributeUse("position", "C6")),
            (
                Choice("direct", "all"),
                Choice("indirect", "nothing"),
                Choice("mixed", "a part"),
            ),
        ),
        Attribute(
            "attribution",
            "choice",
            "Whether the article tells whose it is.",
            (
                AttributeUse("claim", "C7", required=True, default="named"),
                AttributeUse("position", "P5", required=True, default="named"),
            ),
            (
                Choice("named", "the source stands in the text"),
                Choice("unnamed", "nobody is named"),
                Choice("author", "the article itself says it"),
            ),
        ),
        Attribute(
            "polarity",
            "choice",
            "Whether the source affirms or denies it.",
            (AttributeUse("claim"),),
            (Choice("affirm", "says that it is so"), Choice("deny", "says that it is not so")),
        ),
        Attribute(
            "certainty",
            "choice",
            "How sure the source is.",
            (AttributeUse("claim", "C9", default="certain"),),
            (
                Choice("certain", "will, is"),
                Choice("probable", "likely, reportedly"),
                Choice("possible", "could, may"),
            ),
        ),
        Attribute(
            "statement_date",
            "date",
            "When it was said or done: YYYY, YYYY-MM or YYYY-MM-DD, as exact as it is known.",
            (AttributeUse("claim"), AttributeUse("position", "P6")),
        ),
        Attribute(
            "statement_date_precision",
            "choice",
            "How exact the statement date is; it has to agree with the way the date is written.",
            (AttributeUse("claim"), AttributeUse("position", "P6")),
            (
                Choice("day", "YYYY-MM-DD"),
                Choice("month", "YYYY-MM"),
                Choice("year", "YYYY"),
            ),
        ),
    )
}

RELATIONS: dict[str, RelationType] = {
    relation.name: relation
    for relation in (
        RelationType(
            "made_by",
            "made by",
            ("claim",),
            ("actor",),
            "at least 1 if attribution is named, else 0",
            "Who says it.",
        ),
        RelationType(
            "reported_by",
            "reported by",
            ("claim",),
            ("actor",),
            "any",
            "The medium or agency that passes it on.",
        ),
        RelationType("held_by", "held by", ("position",), ("actor",), "at least 1", "Whose it is."),
        RelationType(
            "ascribed_by",
            "ascribed by",
            ("position",),
            ("actor",),
            "at least 1 if basis is ascribed and attribution is named",
            "Who says that the holder stands there.",
        ),
        RelationType("about", "about", ("claim", "position"), ("actor",), "any", "Whom it speaks of."),
        RelationType("supports", "supports", ("claim", "position"), ("claim",), "any", "What it backs."),
        RelationType("opposes", "opposes", ("claim", "position"), ("claim",), "any", "What it contradicts."),
    )
}

LABEL_NAMES = tuple(LABELS)
RELATION_NAMES = tuple(RELATIONS)
