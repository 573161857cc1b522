"""Addresses of the companies app."""

from django.contrib.auth import views as auth_views
from django.urls import path

from companies.views import joining, people, profile, settings, signing_in
from companies.views.language import choose_language
from companies.views.switch import switch_company

urlpatterns = [
    path("login/", signing_in.SignIn.as_view(), name="login"),
    path("not-sent/", signing_in.not_sent, name="unsent"),
    path("language/", choose_language, name="choose_language"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("password/forgotten/", signing_in.forgotten, name="password_reset"),
    path("password/forgotten/sent/", signing_in.forgotten_sent, name="password_reset_done"),
    path("password/<uidb64>/<token>/", signing_in.ChooseNewPassword.as_view(), name="password_reset_confirm"),
    path("password/chosen/", signing_in.password_chosen, name="password_reset_complete"),
    path("invitations/<str:token>/", joining.invitation, name="invitation"),
    path("settings/", settings.settings, name="settings"),
    path("settings/company/", settings.company_settings, name="company_settings"),
    path("settings/people/", people.people_list, name="people"),
    path("settings/people/invite/", people.invite, name="invite"),
    path("settings/people/<int:membership_id>/role/", people.change_role, name="change_role"),
    path("settings/people/<int:membership_id>/remove/", people.remove, name="remove_person"),
    path("settings/invitations/<int:invitation_id>/resend/", people.resend, name="resend_invitation"),
    path("settings/invitations/<int:invitation_id>/withdraw/", people.withdraw, name="withdraw_invitation"),
    path("settings/notifications/", settings.notifications, name="notifications"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/profile/password/", profile.change_password, name="change_password"),
    path("settings/profile/sign-out/", profile.sign_out_everywhere, name="sign_out_everywhere"),
    path("settings/theme/", profile.choose_theme, name="choose_theme"),
    path("companies/<int:company_id>/switch/", switch_company, name="switch_company"),
]
