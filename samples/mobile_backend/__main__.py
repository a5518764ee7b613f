"""The demonstration, in one process tree: endpoint, backend, and phones of honest and dishonest people.

    python -m samples.mobile_backend

Everything is made anew in a temporary folder and removed at the end. Nothing leaves this machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from mnverify.client import VerificationClient
from mnverify.receipts import verify_receipt
from mnverify.virtual import Flaw, VirtualAuthority, persona
from samples.mobile_backend import phone
from samples.mobile_backend.backend import PURPOSE, Application, create_app

PARTY = "example-bank"
ADULT, CHILD = "sato-hanako", "reiwa-child"
_MNVERIFY = [sys.executable, "-m", "mnverify"]


@contextmanager
def endpoint(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A verification endpoint with SQLite: its address, an API key, and the environment of its anchors."""
    database = ["--database", f"sqlite:///{folder / 'endpoint.db'}"]
    command = [*_MNVERIFY, "serve", *database, "--port", "0", "--trust", "virtual"]
    log = folder / "endpoint.log"
    with log.open("w") as lines:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=lines, text=True)
    try:
        assert server.stdout is not None
        first = server.stdout.readline()
        if not first:
            raise SystemExit(f"The endpoint did not start:\n{log.read_text()}")
        ready = json.loads(first)
        add = [*_MNVERIFY, "keys", "add", PARTY, "--role", "general", "--purpose", PURPOSE, *database]
        made = subprocess.run(add, capture_output=True, text=True, check=True)
        yield ready["url"], json.loads(made.stdout)["key"], ready["environment"]
    finally:
        server.terminate()
        server.wait(30)
        if server.stdout is not None:
            server.stdout.close()


@contextmanager
def backend(client: VerificationClient) -> Iterator[tuple[str, FastAPI]]:
    """The relying party's backend: its address, and itself."""
    app = create_app(client)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise SystemExit("The backend did not start; see the lines above.")
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", app
    finally:
        server.should_exit = True
        thread.join(30)


class Story:
    """Who applies, and what becomes of it."""

    def __init__(self, url: str, applications: dict[str, Application]) -> None:
        self._url = url
        self._applications = applications

    def tell(self) -> None:
        """All of it."""
        application, challenge = phone.begin(self._url)
        hers = phone.read(phone.card_of(ADULT), challenge)
        self._send("an adult reads her own card", application, hers)
        self._send("her phone sends it once more", application, hers)

        application, _ = phone.begin(self._url)
        self._send("somebody sends a copy of that reading", application, hers)

        application, challenge = phone.begin(self._url)
        forged = VirtualAuthority.laboratory().issue(persona(ADULT), flaws=[Flaw.SWAPPED_PHOTO])
        self._send("somebody puts his own photo into her files", application, phone.read(forged, challenge))

        application, challenge = phone.begin(self._url)
        stranger = VirtualAuthority().issue(persona(ADULT))
        self._send("somebody issues a card himself", application, phone.read(stranger, challenge))

        application, challenge = phone.begin(self._url)
        self._send("a child reads its own card", application, phone.read(phone.card_of(CHILD), challenge))

        application, challenge = phone.begin(self._url)
        self._send("a phone sends something that is no evidence", application, '{"verified": true}')
        proper = phone.read(phone.card_of(ADULT), challenge)
        self._send("and then, in the same application, a proper reading", application, proper)

    def _send(self, who: str, application: str, evidence: str) -> None:
        status, decision = phone.send(self._url, application, evidence)
        said = decision.get("state") or decision.get("detail")
        failed = self._applications[application].failed if status == 200 else ()
        why = ", ".join(filter(None, [decision.get("reason"), *failed]))
        print(f"  {who:<52} → {status} {said}{f' ({why})' if why else ''}")


def main() -> int:
    """Run it all."""
    with (
        tempfile.TemporaryDirectory(prefix="mnverify-sample-") as name,
        endpoint(Path(name)) as (url, key, environment),
    ):
        print(f"The verification endpoint runs at {url}, with anchors of the environment '{environment}'.")
        with VerificationClient(url, key, relying_party=PARTY, environment=environment) as client:
            with backend(client) as (address, app):
                applications: dict[str, Application] = app.state.applications
                print(f"The backend of the example bank runs at {address}. Phones begin to apply:\n")
                Story(address, applications).tell()
            jwks = json.dumps(client.jwks())
    receipts = [one.receipt for one in applications.values() if one.receipt]
    told = [verify_receipt(receipt, jwks, issuer=url, relying_party=PARTY) for receipt in receipts]
    opened = sum(one.state == "opened" for one in applications.values())
    verified = sum(map(bool, told))
    print(
        f"\n{len(applications)} applications, {opened} accounts opened. The endpoint is gone; its {len(told)} receipts still "
        f"verify: {verified} say verified, {len(told) - verified} rejected."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
