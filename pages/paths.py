"""The fixed addresses of the listed pages, one place for both languages. Must not read the database."""

OFFICE_ROOTS = {"en": "/locations/", "es": "/es/consultorios/"}

# key: (English, Spanish). The public interface: links on other sites rely on them.
FIXED_PATHS: dict[str, tuple[str, str]] = {
    "home": ("/", "/es/"),
    "hsg": ("/hsg/", "/es/hsg/"),
    "prepare": ("/hsg/prepare/", "/es/hsg/preparacion/"),
    "pricing": ("/pricing/", "/es/precios/"),
    "faq": ("/faq/", "/es/preguntas/"),
    "doctor": ("/doctor/", "/es/doctor/"),
    "locations": ("/locations/", "/es/consultorios/"),
    "procedures": ("/procedures/", "/es/procedimientos/"),
    "ftr": ("/procedures/fallopian-tube-recanalization/", "/es/procedimientos/recanalizacion-de-trompas/"),
    "flushing": ("/procedures/tubal-flushing/", "/es/procedimientos/lavado-de-trompas/"),
    "lipiodol": ("/procedures/lipiodol-hsg/", "/es/procedimientos/hsg-con-lipiodol/"),
    "contact": ("/contact/", "/es/contacto/"),
    "privacy": ("/privacy/", "/es/privacidad/"),
    "text-messages": ("/text-messages/", "/es/mensajes-de-texto/"),
    "accessibility": ("/accessibility/", "/es/accesibilidad/"),
}

# First segments that belong to other parts of the site; staff cannot add pages under them.
RESERVED = {
    "admin",
    "accounts",
    "buscar-solicitud",
    "calendar",
    "consultorios",
    "en",
    "es",
    "find-request",
    "healthz",
    "locations",
    "media",
    "preview",
    "r",
    "readyz",
    "request",
    "robots",
    "sitemap",
    "solicitud",
    "static",
    "twilio",
}


def is_free(path: str) -> bool:
    """Whether staff may put a page of their own at this address."""
    rest = path.removeprefix("/es/") if path.startswith("/es/") else path.removeprefix("/")
    taken = {fixed for pair in FIXED_PATHS.values() for fixed in pair}
    return bool(rest) and path not in taken and rest.split("/")[0] not in RESERVED


def language_of(path: str) -> str:
    """The language that an address is in."""
    return "es" if path == "/es" or path.startswith("/es/") else "en"
