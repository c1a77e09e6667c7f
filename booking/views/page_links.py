"""Where pages of the request link to on the rest of the site. Must not link to a page that patients cannot see."""

from django.utils.translation import get_language

from pages import published

# Template variable: page key.
_PAGES = {"privacy_url": "privacy", "texts_url": "text-messages", "prepare_url": "prepare", "home_url": "home"}


def page_links() -> dict[str, str]:
    """Addresses in the active language; empty where the page is not published in it. One query."""
    index, language = published.index(), get_language() or "en"
    return {name: index.url(key, language) for name, key in _PAGES.items()}
