"""The demonstration: virtual cards and rendered pictures in place of reader and camera, chosen from a panel beside the kiosk."""
