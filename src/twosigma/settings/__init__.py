"""The settings: environment variables with the prefix TWOSIGMA_, read once, into one Struct.

Nothing else in 2Sigma reads the environment.
"""

from twosigma.settings.fields import Secret, Settings, SettingsError
from twosigma.settings.langfuse import langfuse
from twosigma.settings.page import settings_table
from twosigma.settings.reading import load, password

__all__ = ["Secret", "Settings", "SettingsError", "langfuse", "load", "password", "settings_table"]
