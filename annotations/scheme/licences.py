"""The licences that the rights of an article may name, as identifiers of SPDX.

The table has those that newsrooms, archives and public bodies use for texts; Creative Commons has many
versions and ports, so these are taken by their form, and every other licence is a ``LicenseRef-…``.
"""

from __future__ import annotations

import re

from annotations.messages import message

#: Identifiers of SPDX, besides those of Creative Commons.
LICENCES = (
    "0BSD", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause",
    "BSD-3-Clause", "BSL-1.0", "C-UDA-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0",
    "DL-DE-BY-2.0",
    "DL-DE-ZERO-2.0", "EPL-2.0", "EUPL-1.2", "FSFAP", "GFDL-1.1-only", "GFDL-1.1-or-later", "GFDL-1.2-only",
    "GFDL-1.2-or-later", "GFDL-1.3-only", "GFDL-1.3-or-later", "GPL-2.0-only", "GPL-2.0-or-later",
    "GPL-3.0-only", "GPL-3.0-or-later", "ISC", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only",
    "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "NLOD-1.0", "NLOD-2.0", "ODbL-1.0", "ODC-By-1.0",
    "OGL-Canada-2.0", "OGL-UK-1.0", "OGL-UK-2.0", "OGL-UK-3.0", "OGDL-Taiwan-1.0", "OPL-1.0", "OPUBL-1.0",
    "PDDL-1.0", "TAPR-OHL-1.0", "Unlicense", "WTFPL", "Zlib", "etalab-2.0",
)  # fmt: skip

#: Of Creative Commons: CC0-1.0, CC-PDDC, CC-BY-4.0, CC-BY-NC-SA-3.0-DE, CC-BY-3.0-IGO …
_CREATIVE_COMMONS = re.compile(
    r"CC0-1\.0|CC-PDDC|CC-PDM-1\.0|CC-BY(?:-NC)?(?:-(?:SA|ND))?-[1-4]\.[05](?:-[A-Z]{2,3})?"
)
_OWN = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_BY_FOLDED = {name.casefold(): name for name in LICENCES}


def check_licence(value: str) -> None:
    """Raise ``ValueError``, which says what to write, unless the value is the identifier of a licence."""
    if value in LICENCES or _CREATIVE_COMMONS.fullmatch(value) or _OWN.fullmatch(value):
        return
    if (known := _likely_licence(value)) is not None:
        raise ValueError(message("There is no licence of this name; did you mean {licence}?", licence=known))
    raise ValueError(
        message(
            "There is no licence of this name; write its SPDX identifier such as CC-BY-4.0 or ODbL-1.0, or "
            "LicenseRef- and a name of your own (letters, digits, points and hyphens), such as "
            "LicenseRef-Agency-2026."
        )
    )


def _likely_licence(value: str) -> str | None:
    """Return the identifier that a value means with other capitals, blanks or underscores, if it is one."""
    words = re.sub(r"[\s_]+", "-", value.strip())
    if (known := _BY_FOLDED.get(words.casefold())) is not None:
        return known
    capitals = words.upper()
    if _CREATIVE_COMMONS.fullmatch(capitals):
        return capitals
    prefix = "licenseref-"
    own = f"LicenseRef-{words[len(prefix) :]}" if words.casefold().startswith(prefix) else ""
    return own if _OWN.fullmatch(own) else None
