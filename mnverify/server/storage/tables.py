"""The tables. What is kept, and with it what is not: no name, number, picture, credential, address, date of birth, nor anything
derived from input-assist files in role ``general``.

Moments are milliseconds since 1970 in UTC. The schema itself comes from ``mnverify/server/migrations``; these are the names that
queries use.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

METADATA = MetaData()

SERVICE = Table(
    "service",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row
    Column("secret_fingerprint", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_purge_at", BigInteger),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("family", String(16), nullable=False),  # the first key of a line of rotated ones
    Column("relying_party", String(64), nullable=False),
    Column("role", String(32), nullable=False),
    Column("purposes", Text, nullable=False),  # words with spaces between; empty: any
    Column("trust_frameworks", Text, nullable=False),
    Column("rate_per_minute", Integer, nullable=False),
    Column("key_hash", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger),  # rotated: good until then
    Column("revoked_at", BigInteger),
)

RATES = Table(
    "rates",
    METADATA,
    Column("family", String(16), primary_key=True),
    Column("used_until", Float(53), nullable=False),  # seconds: the moment at which all that was taken is paid back
)

CHALLENGES = Table(
    "challenges",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("family", String(16), nullable=False),
    Column("relying_party", String(64), nullable=False),
    Column("purpose", String(64)),
    Column("reference", String(128)),
    Column("challenge", LargeBinary, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("challenges_by_end", "expires_at"),
)

VERIFICATIONS = Table(
    "verifications",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("challenge_id", String(32), nullable=False, unique=True),
    Column("challenge_issued_at", BigInteger, nullable=False),
    Column("relying_party", String(64), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("purpose", String(64)),
    Column("reference", String(128)),
    Column("at", BigInteger, nullable=False),
    Column("domain", String(16), nullable=False),
    Column("role", String(32), nullable=False),
    Column("environment", String(200), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("outcome", Text, nullable=False),  # JSON: what ``GET`` answers of checks and limits
    Column("evidence_sha256", String(64)),  # face-check only
    Column("receipt", Text, nullable=False),  # without claims
    Index("verifications_by_purpose", "purpose", "at"),
)

REPEATS = Table(
    "repeats",
    METADATA,
    Column("family", String(16), primary_key=True),
    Column("key_hash", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("subject", String(32), nullable=False),  # the challenge or verification that the first request made
    Column("expires_at", BigInteger, nullable=False),
    Index("repeats_by_end", "expires_at"),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("id", Integer().with_variant(BigInteger, "postgresql"), primary_key=True, autoincrement=True),
    Column("challenge_id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("code", String(64)),
    Index("events_by_challenge", "challenge_id"),
    Index("events_by_time", "at"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("entry", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row
    Column("base_seq", BigInteger, nullable=False),  # the last entry that was purged
    Column("base_hash", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),  # the last entry
    Column("hash", String(64), nullable=False),
    Column("mac", String(64), nullable=False),  # over these four
)
