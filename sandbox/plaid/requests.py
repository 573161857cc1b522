"""The bodies of requests, as Plaid's API description has them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1)]
CountryCode = Literal[
    "US", "GB", "ES", "NL", "FR", "IE", "CA", "DE", "IT", "PL", "DK", "NO", "SE", "EE", "LT", "LV", "PT", "BE", "AT",
    "FI",
]  # fmt: skip
Days = Annotated[int, Meta(ge=1, le=730)]
PageSize = Annotated[int, Meta(ge=1, le=500)]
Offset = Annotated[int, Meta(ge=0)]


class Request(Struct, kw_only=True, forbid_unknown_fields=True):
    """What every body may have: the keys, when they are not in the headers. ``IGNORED`` is known and not acted on."""

    IGNORED: ClassVar[frozenset[str]] = frozenset()

    client_id: str | None = None
    secret: str | None = None


class ItemRequest(Request):
    access_token: Text


class LinkUser(Struct, kw_only=True):
    client_user_id: Text


class TransactionsOptions(Struct, kw_only=True):
    days_requested: Days = 90


class HostedLink(Struct, kw_only=True):
    completion_redirect_uri: str = ""
    url_lifetime_seconds: Annotated[int, Meta(ge=1, le=1_814_400)] = 1800
    delivery_method: str | None = None
    is_mobile_app: bool = False


class Update(Struct, kw_only=True):
    account_selection_enabled: bool = False


class DepositoryFilter(Struct):
    account_subtypes: list[
        Literal[
            "checking", "savings", "hsa", "cd", "money market", "paypal", "prepaid", "cash management", "ebt",
            "limited purpose checking", "all",
        ]
    ]  # fmt: skip


class CreditFilter(Struct):
    account_subtypes: list[Literal["credit card", "paypal", "all"]]


class LoanFilter(Struct):
    account_subtypes: list[
        Literal[
            "auto", "business", "commercial", "construction", "consumer", "home equity", "loan", "mortgage",
            "overdraft", "line of credit", "student", "other", "all",
        ]
    ]  # fmt: skip


class AnyFilter(Struct):
    """Of types whose accounts are not in this world: their subtypes are not looked at."""

    account_subtypes: list[Text]


class AccountFilters(Struct, kw_only=True, omit_defaults=True):
    """Which accounts may be shown, by type. A type without a filter is left out altogether."""

    depository: DepositoryFilter | None = None
    credit: CreditFilter | None = None
    loan: LoanFilter | None = None
    investment: AnyFilter | None = None
    other: AnyFilter | None = None


class LinkTokenCreate(Request):
    IGNORED: ClassVar[frozenset[str]] = frozenset(
        {
            "required_if_supported_products", "optional_products", "additional_consented_products", "access_tokens",
            "link_customization_name", "appearance_mode", "android_package_name", "institution_data", "card_switch",
            "eu_config", "payment_configuration", "payment_initiation", "employment",
            "income_verification", "base_report", "credit_partner_insights", "cra_options", "cra_report_parameter",
            "consumer_report_permissible_purpose", "auth", "transfer", "identity_verification", "statements",
            "third_party_user_token", "investments", "investments_auth", "cashflow_report", "cra_enabled", "identity",
            "financekit_supported", "enable_multi_item_link", "user_token",
        }
    )  # fmt: skip

    client_name: Text
    language: Text
    country_codes: Annotated[list[CountryCode], Meta(min_length=1)]
    user: LinkUser | None = None
    user_id: str | None = None
    products: list[Text] | None = None
    transactions: TransactionsOptions | None = None
    webhook: str | None = None
    redirect_uri: str | None = None
    hosted_link: HostedLink | None = None
    access_token: str | None = None
    update: Update | None = None
    institution_id: str | None = None
    account_filters: AccountFilters | None = None


class LinkTokenGet(Request):
    link_token: Text


class PublicTokenExchange(Request):
    public_token: Text


class AccountsOptions(Struct, kw_only=True, forbid_unknown_fields=True):
    account_ids: list[Text] | None = None
    min_last_updated_datetime: dt.datetime | None = None


class AccountsGet(ItemRequest):
    options: AccountsOptions | None = None


class SyncOptions(Struct, kw_only=True, forbid_unknown_fields=True):
    include_original_description: bool | None = False
    include_personal_finance_category: bool = True
    include_logo_and_counterparty_beta: bool = False
    personal_finance_category_version: str | None = None
    days_requested: Days | None = None
    account_id: Text | None = None


class TransactionsSync(ItemRequest):
    cursor: Annotated[str, Meta(max_length=256)] | None = None
    count: PageSize = 100
    options: SyncOptions | None = None


class GetOptions(Struct, kw_only=True, forbid_unknown_fields=True):
    account_ids: list[Text] | None = None
    count: PageSize = 100
    offset: Offset = 0
    include_original_description: bool | None = False
    include_personal_finance_category_beta: bool = False
    include_personal_finance_category: bool = True
    include_logo_and_counterparty_beta: bool = False
    personal_finance_category_version: str | None = None
    days_requested: Days | None = None


class TransactionsGet(ItemRequest):
    start_date: dt.date
    end_date: dt.date
    options: GetOptions | None = None


class ItemRemove(ItemRequest):
    reason_code: str | None = None
    reason_note: str | None = None


class ItemWebhookUpdate(ItemRequest):
    webhook: str | None = None


class InstitutionOptions(Struct, kw_only=True):
    products: list[Text] | None = None
    oauth: bool | None = None
    include_optional_metadata: bool = False
    include_status: bool = False


class InstitutionsGet(Request):
    count: PageSize
    offset: Offset
    country_codes: Annotated[list[CountryCode], Meta(min_length=1)]
    options: InstitutionOptions | None = None


class InstitutionsSearch(Request):
    query: Text
    country_codes: Annotated[list[CountryCode], Meta(min_length=1)]
    products: list[Text] | None = None
    options: InstitutionOptions | None = None


class InstitutionsGetById(Request):
    institution_id: Text
    country_codes: Annotated[list[CountryCode], Meta(min_length=1)]
    options: InstitutionOptions | None = None


class WebhookVerificationKeyGet(Request):
    key_id: Text


class SandboxItemFireWebhook(ItemRequest):
    IGNORED: ClassVar[frozenset[str]] = frozenset({"options"})

    webhook_code: Literal[
        "DEFAULT_UPDATE",
        "NEW_ACCOUNTS_AVAILABLE",
        "SMS_MICRODEPOSITS_VERIFICATION",
        "AUTHORIZATION_GRANTED",
        "USER_PERMISSION_REVOKED",
        "USER_ACCOUNT_REVOKED",
        "PENDING_DISCONNECT",
        "RECURRING_TRANSACTIONS_UPDATE",
        "LOGIN_REPAIRED",
        "SYNC_UPDATES_AVAILABLE",
        "PRODUCT_READY",
        "ERROR",
    ]
    webhook_type: Literal["AUTH", "ITEM", "TRANSACTIONS"] | None = None


class PublicTokenOptions(Struct, kw_only=True):
    webhook: str = ""
    transactions: TransactionsOptions | None = None
    override_username: str | None = None
    override_password: str | None = None


class SandboxPublicTokenCreate(Request):
    IGNORED: ClassVar[frozenset[str]] = frozenset({"user_token", "user_id"})

    institution_id: Text
    initial_products: Annotated[list[Text], Meta(min_length=1)]
    options: PublicTokenOptions | None = None
