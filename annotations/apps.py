"""The configuration of the Django app."""

from __future__ import annotations

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Standpoint"

    def ready(self) -> None:
        """Register the system checks and make the names of tables translatable; both need the models."""
        from annotations import checks  # noqa: PLC0415 - models cannot be imported before
        from annotations.models import vocabulary  # noqa: PLC0415

        vocabulary.translate_table_names(self.get_models())
        checks.register_checks()
