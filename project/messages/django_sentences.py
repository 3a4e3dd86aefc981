"""Messages of Django's own pages that its catalogues do not translate into all languages of the service.

Django searches the catalogues of an app before its own, so they are translated in ours. A test compares
this list with Django's catalogues: a message that they translate meanwhile has to be deleted here.
"""

from __future__ import annotations

#: The apps of Django whose pages an editorial team sees.
APPS = ("admin", "auth")

SENTENCES = (
    "After you’ve created a user, you’ll be able to edit more user options.",
    "Conflicting form data submitted. Please try again.",
    "Disable password-based authentication",
    "Disabled",
    "Enable password-based authentication",
    "Enable password-based authentication for this user by setting a password.",
    "Enabled",
    "In case you’ve forgotten, you are:",
    "Password-based authentication",
    "Password-based authentication was disabled.",
    "Raw passwords are not stored, so there is no way to see the user’s password.",
    "Reset password",
    "Set password",
    "Set password: %s",
    "This action will <strong>enable</strong> password-based authentication for this user.",
    (
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still"
        " be able to authenticate using other backends, such as Single Sign-On or LDAP."
    ),
)
