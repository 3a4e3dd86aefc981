"""The addresses of single sign-on, the second factor and one's own account; of the library's own, none."""

from __future__ import annotations

from django.urls import path

from annotations.admin.identity import account, break_glass, codes, sign_on

app_name = "identity"

urlpatterns = [
    path("", account.account_page, name="account"),
    path("sign-in/", sign_on.start, name="start"),
    path("sign-in/back/", sign_on.callback, name="callback"),
    path("sign-out/", sign_on.leave, name="leave"),
    path("connect/", sign_on.connect, name="connect"),
    path("disconnect/", sign_on.disconnect, name="disconnect"),
    path("code/", codes.code_page, name="code"),
    path("second-factor/", account.add_page, name="add"),
    path("second-factor/codes/", account.renew_page, name="renew"),
    path("second-factor/remove/", account.remove_page, name="remove"),
    path("break-glass/<int:pk>/<str:token>/", break_glass.page, name="break_glass"),
]
