"""Webhooks of a corpus, and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import parameters
from annotations.api.operations import (
    created_response,
    detail_response,
    no_content_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.parameters import Parameter
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.webhooks import (
    DeliverySerializer,
    WebhookCreateSerializer,
    WebhookReplaySerializer,
    WebhookSerializer,
    WebhookUpdateSerializer,
    WebhookWithSecretSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.models import Delivery, DeliveryState, Webhook
from annotations.permissions import Permission, require_permission
from annotations.services.webhooks import deliveries, subscriptions
from annotations.visibility import get_visible_row, visible

_DELIVERY_PARAMETERS: Mapping[str, Parameter] = {
    **parameters.PAGE,
    "state": parameters.choice("Deliveries in this state.", DeliveryState),
}


def webhook_rows() -> QuerySet[Webhook]:
    """Return webhooks with all that their serializer shows."""
    return Webhook.objects.select_related("created_by")


class WebhookListView(BaseCorpusView):
    """The webhooks of a corpus."""

    resource = "webhook"
    scopes = scopes_by_method(GET=Permission.CHANGE_WEBHOOK, POST=Permission.CHANGE_WEBHOOK)
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": WebhookCreateSerializer}
    responses = {
        "GET": paginated_response(WebhookSerializer),
        "POST": created_response(WebhookWithSecretSerializer),
    }
    error_codes = {"POST": ("id-taken", "not-public")}

    def get(self, request: Request, slug: str) -> Response:
        """List them."""
        corpus = self.get_corpus(slug, Permission.CHANGE_WEBHOOK)
        return self.paginate(visible(self.user, webhook_rows().filter(corpus=corpus)), WebhookSerializer)

    def post(self, request: Request, slug: str) -> Response:
        """Make one; its secret is in this answer, and never again."""
        seen = self.seen_corpus(slug, Permission.CHANGE_WEBHOOK)
        values = self.validated_data(WebhookCreateSerializer)
        origin = request.build_absolute_uri("/").rstrip("/")
        row, secret = subscriptions.create_webhook(self.user, seen, values, origin=origin)
        body = WebhookWithSecretSerializer().to_representation((row, secret))
        at = api_url(f"webhooks/{row.pk}/")
        return self.respond_created(body, location=at, version=row.version, new=bool(secret))


class BaseWebhookView(BaseView):
    def get_webhook(self, pk: UUID) -> Webhook:
        """Return the webhook if the caller sees it (404) and manages its corpus (403)."""
        seen = get_visible_row(self.user, webhook_rows(), pk=pk)
        return require_permission(self.user, Permission.CHANGE_WEBHOOK, seen)


class WebhookDetailView(BaseWebhookView):
    """One webhook."""

    resource = "webhook"
    scopes = scopes_by_method(
        GET=Permission.CHANGE_WEBHOOK, PATCH=Permission.CHANGE_WEBHOOK, DELETE=Permission.CHANGE_WEBHOOK
    )
    request_bodies = {"PATCH": WebhookUpdateSerializer}
    responses = {
        "GET": detail_response(WebhookSerializer),
        "PATCH": detail_response(WebhookSerializer),
        "DELETE": no_content_response(),
    }
    error_codes = {"PATCH": ("not-public",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it, without its secret."""
        row = self.get_webhook(pk)
        return self.respond(WebhookSerializer(row), version=row.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change it, also its state: one that is active again goes on where it stopped."""
        self.get_webhook(pk)
        changes = self.validated_data(WebhookUpdateSerializer, partial=True)
        row = subscriptions.update_webhook(self.user, pk, changes, version=self.expected_version())
        return self.respond(WebhookSerializer(row), version=row.version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it with its deliveries."""
        self.get_webhook(pk)
        subscriptions.delete_webhook(self.user, pk, version=self.expected_version())
        return self.respond_no_content()


class WebhookRotateView(BaseWebhookView):
    """A new secret for a webhook."""

    resource = "webhook"
    operation_ids = {"POST": "webhook_rotate"}
    scopes = scopes_by_method(POST=Permission.CHANGE_WEBHOOK)
    responses = {"POST": detail_response(WebhookWithSecretSerializer)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Give it a new secret; for a day, each delivery is signed by the old one, too."""
        self.get_webhook(pk)
        self.query_params()
        row, secret = subscriptions.rotate_secret(self.user, pk)
        body = WebhookWithSecretSerializer().to_representation((row, secret))
        return self.respond(body, version=row.version)


class WebhookTestView(BaseWebhookView):
    """A test of a webhook."""

    resource = "webhook test"
    scopes = scopes_by_method(POST=Permission.CHANGE_WEBHOOK)
    responses = {"POST": created_response(DeliverySerializer, versioned=False)}
    error_codes = {"POST": ("not-allowed-now",)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Let a worker send a delivery of the type webhook.test, before all others and once."""
        self.get_webhook(pk)
        self.query_params()
        row = deliveries.send_test(self.user, pk)
        at = api_url(f"webhooks/{pk}/deliveries/")
        return self.respond_created(DeliverySerializer(row), location=at)


class WebhookReplayView(BaseWebhookView):
    """Events that a webhook is told once more."""

    resource = "webhook"
    operation_ids = {"POST": "webhook_replay"}
    scopes = scopes_by_method(POST=Permission.CHANGE_WEBHOOK)
    request_bodies = {"POST": WebhookReplaySerializer}
    responses = {"POST": detail_response(WebhookSerializer)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Send events again, each under the id that it had; also those from before the webhook was made."""
        self.get_webhook(pk)
        row = deliveries.replay_events(self.user, pk, **self.validated_data(WebhookReplaySerializer))
        return self.respond(WebhookSerializer(row), version=row.version)


class DeliveryListView(BaseWebhookView):
    """The deliveries of a webhook."""

    resource = "delivery"
    scopes = scopes_by_method(GET=Permission.CHANGE_WEBHOOK)
    parameters = {"GET": _DELIVERY_PARAMETERS}
    responses = {"GET": paginated_response(DeliverySerializer)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them, the oldest first, with the last request and the beginning of its answer."""
        webhook = self.get_webhook(pk)
        rows = visible(self.user, Delivery.objects.filter(webhook=webhook))
        if state := self.query_params().get("state"):
            rows = rows.filter(state=state)
        return self.paginate(rows, DeliverySerializer)


class DeliveryRetryView(BaseWebhookView):
    """Another attempt of a delivery."""

    resource = "delivery"
    operation_ids = {"POST": "delivery_retry"}
    scopes = scopes_by_method(POST=Permission.CHANGE_WEBHOOK)
    responses = {"POST": unversioned_response(DeliverySerializer)}
    error_codes = {"POST": ("not-allowed-now",)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Let a worker send it again, under the same webhook-id."""
        seen = get_visible_row(self.user, Delivery.objects.select_related("webhook"), pk=pk)
        require_permission(self.user, Permission.CHANGE_WEBHOOK, seen)
        self.query_params()
        return self.respond(DeliverySerializer(deliveries.retry_delivery(self.user, pk)))
