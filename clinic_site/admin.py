"""The accounts of staff, as far as people use them: who it is, whether she may sign in, which groups she is in. Must
not hold rights of its own (booking/admin/rights.py says what a group may do)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db import models
from django.utils.translation import gettext_lazy as _

# Ticks, not the admin's two lists: those have no names for screen readers and are wider than a phone.
_TICKS: dict[type[models.Field], dict[str, Any]] = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}

admin.site.unregister([User, Group])


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Rights come from groups, so single permissions are not shown; dates are written by the site."""

    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Who it is"), {"fields": ["first_name", "last_name", "email"]}),
        (_("What she may do"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []
    formfield_overrides = _TICKS


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin):
    """The groups that `setup_staff_groups` makes, and others."""

    filter_horizontal = []
    formfield_overrides = _TICKS
