"""The verification endpoint: hands out challenges, verifies evidence once, answers with a verdict and a signed receipt.

Run it with ``mnverify serve``; or put ``create_app(ServerConfig(…))`` into an ASGI server of your own. It needs the extra
``server``.
Nothing is imported here, so that the command line can ask for the configuration alone.
"""
