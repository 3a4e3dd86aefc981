"""The body of a delivery: ``{type, timestamp, data}``, made anew for each attempt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from annotations.addresses import api_url, page_url
from annotations.models import Delivery, Event, Webhook, WebhookPayload
from annotations.services.webhooks.gate import WebhookGate
from annotations.services.webhooks.rows import viewer_row
from annotations.services.webhooks.types import WEBHOOK_TYPES, WebhookSubject
from annotations.text.parsing import format_timestamp

#: Where each subject is found, by the API and by people; ``{id}`` is the id of the subject.
_API_PATHS: Mapping[WebhookSubject, str] = {
    WebhookSubject.ARTICLE: "articles/{id}/",
    WebhookSubject.SET: "sets/{id}/",
    WebhookSubject.ACTOR: "actors/{id}/",
    WebhookSubject.RELEASE: "releases/{id}/",
    WebhookSubject.JOB: "jobs/{id}/",
}
_PAGES: Mapping[WebhookSubject, str] = {
    WebhookSubject.ARTICLE: "admin:annotations_article_change",
    WebhookSubject.SET: "admin:annotations_annotationset_workbench",
    WebhookSubject.ACTOR: "admin:annotations_actor_change",
    WebhookSubject.RELEASE: "admin:annotations_release_change",
    WebhookSubject.JOB: "admin:annotations_job_change",
}


def subject_data(type: str, event: Event, gate: WebhookGate) -> dict[str, Any]:
    """Return the ids of what an event is about, without any text but external ids."""
    after, subject = event.data["after"] or {}, WEBHOOK_TYPES[type].subject
    article = gate.articles.get(event.article_id) if event.article_id else None
    external_id = article and article.external_id
    if subject is WebhookSubject.ARTICLE:
        version = article and article.version
        return {"id": str(event.article_id), "external_id": external_id, "version": version}
    if subject is WebhookSubject.SET:
        return {
            "id": str(event.set_id),
            "article": str(event.article_id),
            "external_id": external_id,
            "version": after.get("version"),
        }
    if subject is WebhookSubject.ACTOR:
        return {name: after.get(name) for name in ("id", "into", "merge")}
    if subject is WebhookSubject.RELEASE:
        return {"id": after.get("release"), "number": after.get("number")}
    return {"id": after.get("job"), "kind": after.get("kind")}


def build_body(webhook: Webhook, delivery: Delivery, gate: WebhookGate) -> bytes:
    """Return the body of an attempt; ``webhook.corpus`` is selected with it."""
    data: dict[str, Any] = {"corpus": webhook.corpus.slug, "seq": delivery.event_seq or None}
    data |= delivery.data
    if "external_id" in data:
        data["external_id"] = gate.masked(data["external_id"])
    if delivery.type in WEBHOOK_TYPES:
        subject, id = WEBHOOK_TYPES[delivery.type].subject, delivery.data["id"]
        origin = settings.PUBLIC_URL or webhook.origin
        data["url"] = origin + api_url(_API_PATHS[subject].format(id=id))
        data["page"] = origin + page_url(_PAGES[subject], id)
    if webhook.payload == WebhookPayload.FULL:
        data["row"] = viewer_row(webhook.corpus, delivery, gate)
    body = {"type": delivery.type, "timestamp": format_timestamp(delivery.event_time), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
