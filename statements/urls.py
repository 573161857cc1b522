"""Addresses of the statements app."""

from django.urls import path

from statements.views import books, dashboard, duplicates, linking, manual, missing, review, synchronization, undoing

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("connect/attempts/<uuid:attempt_id>/accounts/", linking.link_accounts, name="link_accounts"),
    path("connect/attempts/<uuid:attempt_id>/done/", linking.link_done, name="link_done"),
    path("connections/", synchronization.connection_list, name="connection_list"),
    path("connections/<int:connection_id>/", synchronization.connection_page, name="connection"),
    path("connections/<int:connection_id>/fetch/", synchronization.fetch, name="fetch"),
    path("connections/<int:connection_id>/fetch-accounts/", synchronization.fetch_accounts, name="fetch_accounts"),
    path("connections/<int:connection_id>/notes/", synchronization.add_note, name="add_note"),
    path("runs/<int:run_id>/", synchronization.run_progress, name="run"),
    path("runs/<int:run_id>/undo/", undoing.undo_fetch, name="undo_fetch"),
    path("runs/<int:run_id>/bring-back/", undoing.bring_back, name="bring_back"),
    path("journals/", books.journal_list, name="journal_list"),
    path("journals/new/", books.new_journal, name="new_journal"),
    path("journals/<int:journal_id>/", books.line_list, name="line_list"),
    path("journals/<int:journal_id>/settings/", books.edit_journal, name="edit_journal"),
    path("journals/<int:journal_id>/lines/new/", manual.add_line, name="add_line"),
    path("journals/<int:journal_id>/opening/", manual.opening, name="opening"),
    path("journals/<int:journal_id>/removed/", manual.removed_list, name="removed_list"),
    path("removed/<int:memory_id>/put-back/", manual.put_back, name="put_back"),
    path("lines/<int:line_id>/remove/", manual.remove_line, name="remove_line"),
    path("journals/<int:journal_id>/missing/", missing.find_missing, name="missing"),
    path("journals/<int:journal_id>/missing/import/", missing.take, name="take_missing"),
    path("journals/<int:journal_id>/duplicates/", duplicates.find_duplicates, name="duplicates"),
    path("journals/<int:journal_id>/duplicates/keep/", duplicates.keep, name="keep_duplicates"),
    path("journals/<int:journal_id>/duplicates/delete/", duplicates.delete, name="delete_duplicates"),
    path("lines/<int:line_id>/", books.line_page, name="line"),
    path("statements/", books.statement_list, name="statement_list"),
    path("statements/<int:statement_id>/", books.statement_page, name="statement"),
    path("review/", review.review_list, name="review_list"),
    path("review/<int:item_id>/decide/", review.decide, name="decide"),
    path("review/<int:item_id>/undo/", review.undo, name="undo_decision"),
]
