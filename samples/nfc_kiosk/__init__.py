"""Sample: a kiosk for in-person identity checks, on a PC or a Raspberry Pi with a reader and a camera."""
