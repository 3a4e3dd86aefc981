"""The settings of what the service sends to others."""

from __future__ import annotations

from project.setting_rows import Setting

OUTGOING_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "PUBLIC_URL",
        "text",
        "",
        "The address under which people reach the service, such as `https://standpoint.example.org`, for "
        "links in what is sent out. Empty: the one by which the manager came who made the webhook.",
    ),
    Setting(
        "OUTGOING_HOSTS",
        "list",
        "",
        "The only hosts that the service calls, for webhooks: names, and `.example.org` for all names below "
        "one. Empty: every public host. An address that is not public is never called.",
    ),
    Setting(
        "OUTGOING_PROXY",
        "text",
        "",
        "A proxy, such as `http://proxy.example.org:3128`, by which the service calls others. It is asked "
        "(`CONNECT`) for the address that the service has resolved and checked.",
    ),
    Setting(
        "OUTGOING_ALLOW_LOOPBACK",
        "boolean",
        "off",
        "Also call this machine itself, and that by plain http. For development only.",
    ),
    Setting(
        "WEBHOOK_KEEP_DAYS",
        "integer",
        "7",
        "Days for which deliveries of webhooks that have ended are kept, with their request and answer.",
    ),
)
