"""What all tests share: no property fails because the machine was busy."""

from hypothesis import settings

settings.register_profile("tieout")
settings.load_profile("tieout")
