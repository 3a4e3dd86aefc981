"""The forms of the registry: actors with their aliases, topics, propositions."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from annotations import limits
from annotations.admin import form_fields
from annotations.admin.forms import ServiceForm
from annotations.admin.scoped_admin import change_url
from annotations.models import AliasKind, EntryKind
from annotations.services.registry import entries
from annotations.services.registry.names import NAME_COLUMNS, REGISTRY_MODELS, entries_named

#: How many entries of the same name a form shows.
MAX_SIMILAR = 5

_CORPUS_TEXTS = ("corpus__guideline", "corpus__description")


def label_with_corpus(row: Any) -> str:
    """Return the name of an entry with its corpus, to tell equal names apart."""
    return f"{row} ({row.corpus.name})"


class EntryForm(ServiceForm):
    """Form for an entry, which shows others of the same name before it adds one more."""

    registry_kind: ClassVar[EntryKind]
    add_anyway = forms.BooleanField(
        required=False, widget=forms.HiddenInput, label=gettext_lazy("Add it all the same")
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "seen" in self.fields:
            self.fields.pop("add_anyway", None)

    def clean(self) -> dict[str, Any]:
        """Name the entries of the same name, once all else is right."""
        values = super().clean()
        name, corpus = values.get(NAME_COLUMNS[self.registry_kind]), values.get("corpus")
        if "add_anyway" in self.fields and name and corpus and not self.errors and not values["add_anyway"]:
            texts = [name, *(alias["text"] for alias in values.get("aliases", ()))]
            model: Any = REGISTRY_MODELS[self.registry_kind]
            found = model.objects.filter(pk__in=entries_named(self.registry_kind, corpus.pk, texts))
            rows = [(change_url(model, row.pk), row) for row in found.order_by("pk")[:MAX_SIMILAR]]
            if rows:
                links = format_html_join(", ", '<a href="{}"><bdi>{}</bdi></a>', rows)
                sentence = gettext("There is one already: %(links)s. Use it, or add yours all the same.")
                self.fields["add_anyway"].widget = forms.CheckboxInput()
                self.add_error("add_anyway", format_html(sentence % {"links": "{}"}, links))
        return values


class SameCorpusForm(EntryForm):
    """Form whose link to another entry has to stay inside the corpus."""

    linked_field: ClassVar[str]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get(self.linked_field)
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            rows = field.queryset.select_related("corpus").defer(*_CORPUS_TEXTS)
            if "seen" in self.fields:
                rows = rows.filter(corpus_id=self.instance.corpus_id).exclude(pk=self.instance.pk)
            else:
                # Before a corpus is chosen, the list has entries of several corpora.
                rows = rows.filter(corpus__archived=False)
                setattr(field, "label_from_instance", label_with_corpus)  # noqa: B010 - a method to mypy
            field.queryset = rows

    def clean(self) -> dict[str, Any]:
        """Check the corpus of the linked entry here, where the names are known."""
        values = super().clean()
        linked, corpus = values.get(self.linked_field), values.get("corpus")
        if linked is not None and corpus is not None and linked.corpus_id != corpus.pk:
            self.add_error(
                self.linked_field,
                gettext("This belongs to another corpus; choose one of %(corpus)s.")
                % {"corpus": corpus.name},
            )
        return values


def _alias_help() -> str:
    """Return how aliases are typed."""
    return gettext(
        "Other ways in which the actor is written, one a line; after a bar the language, after another the "
        "kind: “Verdi | it | spelling”. The kinds: %(kinds)s."
    ) % {"kinds": ", ".join(AliasKind)}


class ActorForm(SameCorpusForm):
    """Form for an actor with its aliases."""

    registry_kind = EntryKind.ACTOR
    linked_field = "parent"
    service_fields = ("name", "kind", "qid", "parent", "note", "aliases")
    text_checks = {
        "name": form_fields.line_check("name", limits.MAX_ACTOR_NAME, required=True),
        "qid": form_fields.check_wikidata_item,
        "note": form_fields.prose_check("note"),
    }
    aliases = form_fields.AliasesField(label=gettext_lazy("Aliases"), help_text=lazy(_alias_help, str)())

    class Meta:
        labels = {"qid": pgettext_lazy("field", "Wikidata id"), "parent": gettext_lazy("Part of")}
        help_texts = {
            "qid": gettext_lazy("Such as Q42."),
            "parent": gettext_lazy("The body that the actor belongs to."),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "seen" in self.fields:
            self.initial["aliases"] = entries.alias_payload(self.instance)


class TopicForm(EntryForm):
    """Form for a topic."""

    registry_kind = EntryKind.TOPIC
    service_fields = ("name",)
    text_checks = {"name": form_fields.line_check("name", limits.MAX_TOPIC_NAME, required=True)}


class PropositionForm(SameCorpusForm):
    """Form for a proposition."""

    registry_kind = EntryKind.PROPOSITION
    linked_field = "topic"
    service_fields = ("text", "kind", "topic")
    text_checks = {"text": form_fields.line_check("text", limits.MAX_PROPOSITION, required=True)}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "text" in self.fields:
            self.fields["text"].widget = forms.TextInput(attrs={"class": "vLargeTextField", "dir": "auto"})
            self.fields["text"].help_text = gettext("One whole sentence.")
        if "kind" in self.fields:
            self.fields["kind"].help_text = gettext(
                "An issue: one is for or against it. An assertion: it is true or false."
            )
