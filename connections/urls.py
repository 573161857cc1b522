"""Addresses of the connections app."""

from django.urls import path

from connections.views import access, connect, institutions, life, phone, renewal

urlpatterns = [
    path("institutions/", institutions.institution_index, name="institutions"),
    path("institutions/<str:country>/", institutions.institution_list, name="institutions_of"),
    path("connect/", connect.choose_bank, name="connect"),
    path("connect/<int:institution_id>/", connect.start, name="connect_start"),
    path("connect/<int:institution_id>/phone/", phone.enter_code, name="connect_phone"),
    path("connect/<int:institution_id>/phone/again/", phone.send_again, name="connect_phone_again"),
    path("access/", access.access, name="access"),
    path("access/code/", access.send_code, name="access_send_code"),
    path("access/confirm/", access.confirm, name="access_confirm"),
    path("access/check/", access.check, name="access_check"),
    path("access/reconnect/", access.reconnect, name="access_reconnect"),
    path("connect/attempts/<uuid:attempt_id>/", connect.waiting, name="attempt"),
    path("connect/attempts/<uuid:attempt_id>/return/", connect.come_back, name="attempt_return"),
    path("connect/attempts/<uuid:attempt_id>/cancel/", connect.cancel, name="attempt_cancel"),
    path("renew/<str:token>/", renewal.renew, name="renew"),
    path("renewed/<uuid:attempt_id>/", renewal.come_back, name="renewal_return"),
    path("connections/<int:connection_id>/update/", life.update_credentials, name="update_credentials"),
    path("connections/<int:connection_id>/automatic/", life.set_automatic, name="set_automatic"),
    path("connections/<int:connection_id>/disconnect/", life.disconnect, name="disconnect"),
    path("connections/<int:connection_id>/delete/", life.delete, name="delete_connection"),
]
