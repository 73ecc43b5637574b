"""The pages of docs/ that are rendered from what the tests keep."""

from tests.support import client_properties_page, clients_page, fault_page, schemathesis_page

PAGES = {
    "fault-matrix.md": fault_page.page,
    "client-properties.md": client_properties_page.page,
    "clients.md": clients_page.page,
    "schemathesis.md": schemathesis_page.page,
}
"""What renders each of them, by the name of its file."""
