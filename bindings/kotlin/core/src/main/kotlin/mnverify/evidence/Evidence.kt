package mnverify.evidence

import mnverify.EvidenceError
import mnverify.EvidenceRoleError
import mnverify.MaskedBytes
import mnverify.NotStorable
import mnverify.Text
import mnverify.UsageError
import mnverify.files.DROPPABLE
import mnverify.files.FACE_RECORD
import mnverify.files.FaceRecord
import mnverify.files.Record
import mnverify.files.dropSegments
import mnverify.files.readLayout
import mnverify.json.printable
import mnverify.profile.CardProfile
import mnverify.sha256
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Moment
import mnverify.values.Role

/**
 * The card's answer to a challenge.
 *
 * @property challenge the bytes that were challenged
 * @property signature the card's signature over DigestInfo(SHA-256(challenge))
 */
public class Presence internal constructor(public val challenge: MaskedBytes, public val signature: MaskedBytes) {
    override fun equals(other: Any?): Boolean =
        other is Presence && other.challenge == challenge && other.signature == signature

    override fun hashCode(): Int = challenge.hashCode()

    override fun toString(): String = "Presence(challenge: ${challenge.size} bytes, signature: ${signature.size} bytes)"
}

/** What 照合番号B, presented by this process and accepted by what answered, is made of. Never shown, never written. */
internal class AcceptedNumberB(val birthDigits: String, val expiryYear: Int)

/**
 * Mark of evidence that this process read in one session on one link, or in a torn one that was resumed on the same card.
 *
 * @property challengeOfCaller the caller named the challenge that the card answered
 */
internal class ReadHere(val acceptedNumberB: AcceptedNumberB?, val challengeOfCaller: Boolean)

/**
 * What a reading yields: the files as read, and the card's answer to a challenge. Data only, verified by nobody yet. Immutable, equal
 * by content, and it shows no content.
 *
 * Files are parsed when the object is made, so that malformed evidence cannot exist. Role `general` holds no file with the 個人番号.
 * Input-assist evidence of role `general` stays in memory and leaves it as a request's body alone: EF `0003` leads back to the
 * 個人番号.
 */
public class Evidence internal constructor(members: EvidenceMembers, internal val readHere: ReadHere? = null) {
    /** The domain read. */
    public val domain: Domain = members.domain

    /** The declared role. */
    public val role: Role = members.role

    /** The kind that opened the files (a claim, where the evidence came from outside). */
    public val credential: CredentialKind = members.credential

    /** EF bytes by four-digit file id, in order, with or without trailing `FF` filler. */
    public val files: Map<String, MaskedBytes> = members.files.toSortedMap()

    /** SHA-256 of segments of the card face that were dropped, by segment number (2 or 3). */
    public val segments: Map<Int, MaskedBytes> = members.segments.toSortedMap()

    /** The card's answer to a challenge. */
    public val presence: Presence? = members.presence

    /** When it was read. */
    public val readAt: Moment? = members.readAt

    /** The reader's name. */
    public val reader: String? = members.reader

    internal val profile: CardProfile = CardProfile.PRESENT
    internal val records: Map<String, Record>

    init {
        checkShape()
        val rules = profile.domains.getValue(domain).files
        records =
            files.mapValues { (name, data) ->
                val layout = rules.getValue(name).layout
                readLayout(layout, name, data, profile.scheme, if (layout == FACE_RECORD) segments.keys else emptySet())
            }
    }

    /** Whether this evidence may leave memory. */
    public val storable: Boolean get() = domain != Domain.INPUT_ASSIST || role != Role.GENERAL

    /**
     * The JSON form `mnverify.evidence/1`, for keeping.
     *
     * @throws NotStorable input-assist evidence in role `general`
     * @throws EvidenceError it is larger than evidence may be; dropping the photo may help
     */
    public fun toJson(): String {
        if (!storable) throw NotStorable()
        return String(buildEvidence(this), Charsets.UTF_8)
    }

    /**
     * The same JSON for the request body to a verification endpoint, over TLS, dropped with the request: the only form that carries
     * input-assist evidence of role `general`. Never write it to a file or a log.
     *
     * @throws UsageError this process read it without a challenge of whoever is to verify it: an answer to a challenge of the
     *   reader's own proves nothing to anybody else
     * @throws EvidenceError it is larger than evidence may be
     */
    public fun toRequest(): ByteArray {
        if (readHere != null && !readHere.challengeOfCaller) throw UsageError(NO_CHALLENGE)
        return buildEvidence(this)
    }

    /**
     * The same evidence without segment 2 (name and address image) or 3 (photo); the signature still verifies.
     *
     * @throws UsageError another number, or there is no card face in this evidence
     */
    public fun withoutSegments(vararg numbers: Int): Evidence {
        val new = numbers.toSet() - segments.keys
        val found = records.entries.firstOrNull { it.value is FaceRecord }
        if (found == null || !DROPPABLE.keys.containsAll(numbers.toSet())) throw UsageError(NO_SUCH_SEGMENT)
        if (new.isEmpty()) return this
        val record = found.value as FaceRecord
        val digests = segments + new.associateWith { MaskedBytes.own(sha256(record.segments[it - 1] ?: MaskedBytes.EMPTY)) }
        val face = dropSegments(files.getValue(found.key), digests.keys, found.key, profile.scheme)
        return Evidence(
            EvidenceMembers(domain, role, credential, files + (found.key to face), digests, presence, readAt, reader),
            readHere,
        )
    }

    override fun equals(other: Any?): Boolean =
        other is Evidence &&
            other.domain == domain &&
            other.role == role &&
            other.credential == credential &&
            other.files == files &&
            other.segments == segments &&
            other.presence == presence &&
            other.readAt == readAt &&
            other.reader == reader

    override fun hashCode(): Int = files.hashCode()

    override fun toString(): String {
        val sizes = files.entries.joinToString(", ") { (name, data) -> "$name: ${data.size} bytes" }
        return "Evidence($domain, $role, $credential, {$sizes}, ${if (presence != null) "with" else "without"} presence)"
    }

    private fun checkShape() {
        if (files.isEmpty()) throw EvidenceError("files", Text("no file at all", "ファイルが一つもありません"))
        val key =
            profile.domains.getValue(domain).keys[credential]
                ?: throw EvidenceError(
                    "credential",
                    Text("$credential is no credential of $domain", "$credential は $domain の照合情報ではありません"),
                )
        if (key.isNumber && role != Role.MY_NUMBER_OFFICE) {
            throw EvidenceRoleError(
                "credential",
                Text("$credential is not for role $role", "役割 $role では $credential を扱えません"),
            )
        }
        checkFiles()
        checkSegments()
        checkContext()
    }

    private fun checkFiles() {
        for (name in files.keys) {
            val rule =
                profile.domains.getValue(domain).files[name]
                    ?: throw EvidenceError(
                        "files",
                        Text(
                            "a file that $domain evidence does not hold",
                            "$domain の証拠データにないファイルがあります",
                        ),
                    )
            if (rule.holdsNumber && role != Role.MY_NUMBER_OFFICE) {
                throw EvidenceRoleError(
                    "files.$name",
                    Text(
                        "it holds the 個人番号, which is not for role $role",
                        "個人番号を含むため、役割 $role では扱えません",
                    ),
                )
            }
        }
    }

    private fun checkSegments() {
        val rules = profile.domains.getValue(domain).files
        val withSegments = files.keys.any { rules.getValue(it).layout == FACE_RECORD }
        for ((number, digest) in segments) {
            if (number !in DROPPABLE || !withSegments) {
                throw EvidenceError(
                    "segments.$number",
                    Text("no segment that can be dropped from this evidence", "この証拠データで省ける区分ではありません"),
                )
            }
            if (digest.size != DIGEST_LENGTH) {
                throw EvidenceError(
                    "segments.$number",
                    Text("a digest has $DIGEST_LENGTH bytes", "ダイジェストは $DIGEST_LENGTH バイトです"),
                )
            }
        }
    }

    private fun checkContext() {
        for ((name, bytes) in listOf("challenge" to presence?.challenge, "signature" to presence?.signature)) {
            if (bytes != null && bytes.size !in 1..MAX_PRESENCE_BYTES) {
                throw EvidenceError(
                    "presence.$name",
                    Text("it has 1 to $MAX_PRESENCE_BYTES bytes", "1〜$MAX_PRESENCE_BYTES バイトです"),
                )
            }
        }
        if (reader != null && (reader.codePointCount(0, reader.length) > MAX_READER_LENGTH || !printable(reader))) {
            throw EvidenceError(
                "reader",
                Text(
                    "it is not a printable text of at most $MAX_READER_LENGTH characters",
                    "表示できる $MAX_READER_LENGTH 文字以内の文字列ではありません",
                ),
            )
        }
    }

    public companion object {
        internal const val MAX_PRESENCE_BYTES = 1024
        private const val MAX_READER_LENGTH = 128
        private val NO_SUCH_SEGMENT =
            Text(
                "Only segments 2 and 3 of a card face can be dropped. Nothing was changed.",
                "省けるのは券面情報の区分2と3だけです。何も変更していません。",
            )
        private val NO_CHALLENGE =
            Text(
                "This reading answers no challenge of whoever is to verify it, so it proves nothing to them. Nothing was sent; get a " +
                    "challenge from the endpoint and read the card again with it.",
                "検証する側のチャレンジに応答した読み取りではないため、相手に対する証明になりません。送信していません。" +
                    "検証サーバーからチャレンジを受け取り、それを指定して読み直してください。",
            )

        /**
         * Read the JSON form `mnverify.evidence/1`, strictly.
         *
         * @param role the receiver's own role. Evidence says what its sender claimed, never what its receiver may see: in role
         *   `general` evidence of role `my-number-office` is refused. Evidence of role `general` is for both.
         * @throws EvidenceError not such JSON (size, depth, duplicate or unknown keys, base64), or malformed files
         * @throws EvidenceRoleError the receiver's role, or the one that the evidence claims, may not hold what is in it
         * @throws mnverify.UnsupportedCard files of an unknown generation
         */
        public fun fromJson(data: ByteArray, role: Role = Role.GENERAL): Evidence = received(parseEvidence(data), role)

        /** The same from a text. */
        public fun fromJson(text: String, role: Role = Role.GENERAL): Evidence = received(parseEvidence(text), role)

        /** The one door for evidence from outside: the sender's claim opens nothing that the receiver's role does not. */
        private fun received(members: EvidenceMembers, receiver: Role): Evidence {
            if (members.role != Role.GENERAL && receiver == Role.GENERAL) {
                throw EvidenceRoleError(
                    "role",
                    Text(
                        "it was read in role my-number-office and may hold the 個人番号; yours is general",
                        "役割 my-number-office で読み取られ、個人番号を含むことがあります。受け取る側の役割は general です",
                    ),
                )
            }
            return Evidence(members)
        }
    }
}
