"""Liandun 联盾: joint security between platforms, stores and a telecom operator's branch."""

__version__ = "0.1.0"
