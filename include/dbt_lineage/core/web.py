"""How HTTP services are known, and how we are known to them: one TLS context for every HTTP client."""

import ssl
from functools import cache

import httpx

from dbt_lineage.core import settings
from dbt_lineage.core.shared_settings import WebSettings


def trust() -> ssl.SSLContext:
    """The context of the settings. Without any it is httpx's own, which reads ``SSL_CERT_FILE``.

    Proxies are httpx's matter, too: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``.

    Raises:
        SettingsError: a setting is wrong, or its file holds no certificate or key.
    """
    return _context(settings.web())


def variables() -> dict[str, str]:
    """The same for programs of others, such as OpenMetadata's workflows, as far as variables can say it."""
    file = settings.web().ca_file
    return {} if file is None else {"SSL_CERT_FILE": str(file), "REQUESTS_CA_BUNDLE": str(file)}


@cache
def _context(web: WebSettings) -> ssl.SSLContext:
    try:
        context = (
            httpx.create_ssl_context() if web.ca_file is None else ssl.create_default_context(cafile=str(web.ca_file))
        )
    except ssl.SSLError as error:
        raise settings.SettingsError(f"WEB_CA_FILE={web.ca_file} holds no certificate: {error}") from None
    if web.client_certificate is not None:
        try:
            context.load_cert_chain(web.client_certificate, web.client_key)
        except ssl.SSLError as error:
            raise settings.SettingsError(
                f"WEB_CLIENT_CERTIFICATE={web.client_certificate} and WEB_CLIENT_KEY={web.client_key} are no pair: {error}"
            ) from None
    return context
