"""An archive in an object store, by URL, with both engines: a real S3 server on loopback."""

from __future__ import annotations

import gc
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mnverify.archive import SCHEMA, verify_archive
from mnverify.errors import ArchiveError
from tests.archive.rows import table, trust
from tests.archive.test_daft import by_id
from tests.archive.test_run import everything

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
BUCKET = "kept"

pytestmark = pytest.mark.filterwarnings("default")  # those of the engine and of the store's client are their own


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """What they did not close is thrown away here, where their warnings are let be, and not in the middle of another's test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def objects() -> Iterator[Any]:
    """A client of the store, with one file of the archive in it."""
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (_ENVIRONMENT | {"AWS_ENDPOINT_URL": url}).items():
                patch.setenv(name, value)
            import boto3

            client = boto3.client("s3")
            client.create_bucket(Bucket=BUCKET)
            data = io.BytesIO()
            pq.write_table(table(), data, row_group_size=50)
            client.put_object(Bucket=BUCKET, Key="in/2026/kept.parquet", Body=data.getvalue())
            yield client
        server.kill()


@pytest.mark.parametrize("engine", ["local", "daft"])
def test_from_bucket_to_bucket_and_again(objects: Any, engine: str) -> None:
    out = f"s3://{BUCKET}/out-{engine}"
    first = verify_archive(f"s3://{BUCKET}/in", out, trust=trust(), at=AT, workers=1, engine=engine)
    names = [one["Key"] for one in objects.list_objects_v2(Bucket=BUCKET, Prefix=f"out-{engine}/")["Contents"]]
    parts = [name for name in names if "/part-" in name]
    assert len(parts) == first.pieces == len(names) - 1
    tables = [pq.read_table(io.BytesIO(objects.get_object(Bucket=BUCKET, Key=name)["Body"].read())) for name in parts]
    assert by_id(pa.concat_tables(tables)) == sorted(everything(), key=lambda row: row["id"])
    assert all(one.schema.equals(SCHEMA) for one in tables)
    objects.delete_object(Bucket=BUCKET, Key=parts[0])
    assert verify_archive(f"s3://{BUCKET}/in", out, trust=trust(), at=AT, workers=1, engine=engine) == first


def test_a_place_that_is_not_there_is_told(objects: Any) -> None:
    for url in (f"s3://{BUCKET}/nothing", "s3://no-such-bucket/in", "nosuchscheme://kept/in"):
        with pytest.raises(ArchiveError):
            verify_archive(url, f"s3://{BUCKET}/out", trust=trust())


_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_SERVER = """
import logging, sys, threading
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
threading.Event().wait()
"""
