"""What ``import mnverify`` must not load: readers, images, OCR, servers, and what only the command line or tests need."""

FORBIDDEN = (
    "PIL",
    "argparse",
    "asn1crypto",
    "fastapi",
    "hypothesis",
    "logging",
    "mnverify.card",
    "mnverify.cli",
    "mnverify.virtual",
    "multiprocessing",
    "nfc",
    "numpy",
    "onnxruntime",
    "pytest",
    "rapidocr",
    "requests",
    "smartcard",
    "starlette",
    "uvicorn",
    "zxingcpp",
)
