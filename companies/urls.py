"""Addresses of the companies app."""

from django.contrib.auth import views as auth_views
from django.urls import path

from companies.forms import SignInForm
from companies.views.language import choose_language
from companies.views.settings import company_settings
from companies.views.switch import switch_company

urlpatterns = [
    path(
        "login/",
        auth_views.LoginView.as_view(
            template_name="companies/login.html", authentication_form=SignInForm, redirect_authenticated_user=True
        ),
        name="login",
    ),
    path("language/", choose_language, name="choose_language"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("company/", company_settings, name="company_settings"),
    path("companies/<int:company_id>/switch/", switch_company, name="switch_company"),
]
