"""How collected static files are named."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class LastingNames(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise is untyped
    """Every file has its content's hash in its name, and may be kept for ever.

    Also where one module of JavaScript imports another: without this a browser could run the new
    module with an old one beside it.
    """

    support_js_module_import_aggregation = True
