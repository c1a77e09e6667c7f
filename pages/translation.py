"""Which columns exist once per language (django-modeltranslation finds this module by its name). Must not do anything
else. There is no fallback: a missing Spanish text is empty."""

from modeltranslation.translator import TranslationOptions, translator

from pages.models import (
    SECTION_MODELS,
    ClinicClosure,
    Office,
    Page,
    Physician,
    PriceLine,
    Question,
    Topic,
)


def _options(*names: str) -> type[TranslationOptions]:
    members = {
        "fields": names,
        "fallback_languages": {"default": ()},
        "empty_values": "",
    }
    return type("Options", (TranslationOptions,), members)


translator.register(Page, _options("title", "nav_title", "description", "lead"))
translator.register(Physician, _options("role", "certificates", "summary"))
translator.register(Office, _options("description", "parking", "access"))
translator.register(ClinicClosure, _options("name"))
translator.register(PriceLine, _options("label"))
translator.register(Topic, _options("name"))
translator.register(Question, _options("question", "answer"))
for _model in SECTION_MODELS:
    translator.register(_model, _options(*_model.fields_en_es))
