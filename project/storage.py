"""How collected static files are named."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class LastingNames(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise is untyped
    """Every file has its content's hash in its name, and may be kept for ever.

    Also where one module of JavaScript imports another: without this a browser could run the new
    module with an old one beside it.
    """

    support_js_module_import_aggregation = True
    # A new name reaches the modules that import a file one pass later, so the longest chain of imports
    # decides how many passes it takes; Django's own limit is 5.
    max_post_process_passes = 20
