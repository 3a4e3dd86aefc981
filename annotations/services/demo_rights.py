"""The rights of the demo: an embargo, a licence, and a source whose name stays in the house."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.models import Actor, Article, ConfidentialActor, Corpus, Event
from annotations.services.rights import confidentiality, terms

#: Articles by their external ids with their terms; an embargo is so many days from the day of the load.
_TERMS: Mapping[str, Mapping[str, Any]] = {
    "ferry-winter": {"embargo_until": 30},
    "quota-wire": {
        "licence": "LicenseRef-Lakewire-2026",
        "holder": "Lakewire",
        "notice": "© Lakewire. For members of the agency.",
    },
}
_PROTECTED = "Wilma Haas"
_REASON = "She tells us what goes wrong on the ferry, and was promised that her name stays with us."


def write_rights(corpus: Corpus, people: Mapping[str, User]) -> None:
    """Set the rights of the demo, in the transaction of the load, as the last thing that its people did."""
    trail = Event.objects.filter(corpus_id=corpus.pk)
    last = trail.latest("time")
    manager = people["max"]
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for external_id, sent in _TERMS.items():
        article = Article.objects.get(corpus=corpus, external_id=external_id)
        values = dict(sent)
        if "embargo_until" in values:
            values["embargo_until"] = midnight + timedelta(days=values["embargo_until"])
        terms.update_rights(manager, article.pk, values, version=article.version)
    source = Actor.objects.get(corpus=corpus, name=_PROTECTED)
    confidentiality.protect_actor(manager, source.pk, _REASON, version=source.version)
    trail.filter(seq__gt=last.seq, time__gt=last.time).update(time=last.time)
    ConfidentialActor.objects.filter(actor=source).update(at=last.time)
