from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from .models import Mandate, User


class MandateInline(admin.TabularInline):
    model = Mandate
    extra = 0


@admin.register(User)
class StaffAdmin(UserAdmin):
    inlines = [MandateInline]
    list_display = ("username", "title", "is_active", "is_staff")
    search_fields = ("username", "title")
    fieldsets = (
        (None, {"fields": ("username", "password", "title", "email")}),
        (None, {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "date_joined")}),
    )
