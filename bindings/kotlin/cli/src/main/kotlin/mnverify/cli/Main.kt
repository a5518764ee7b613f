package mnverify.cli

import kotlinx.coroutines.runBlocking
import mnverify.CredentialFormatError
import mnverify.LinkError
import mnverify.MnverifyError
import mnverify.NotStorable
import mnverify.Text
import mnverify.UnreadableFile
import mnverify.card.Challenge
import mnverify.card.CheckedCard
import mnverify.card.Credential
import mnverify.card.OnTorn
import mnverify.card.Reading
import mnverify.card.checkCard
import mnverify.evidence.Evidence
import mnverify.smartcardio.Readers
import mnverify.smartcardio.SmartCardIoLink
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Purpose
import mnverify.values.Role
import mnverify.verification.AgeAnswer
import mnverify.verification.TrustStore
import mnverify.verification.Verdict
import mnverify.verification.Verified
import mnverify.verification.checkAge
import mnverify.verification.verify
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.StandardOpenOption
import java.time.OffsetDateTime
import java.time.ZoneOffset
import java.time.temporal.ChronoUnit
import kotlin.system.exitProcess

private const val HELP =
    """usage: java -jar mnverify-cli.jar COMMAND … [--json] [--lang en|ja]

  verify EVIDENCE [--trust T] [--at MOMENT] [--challenge BASE64] [--role R] [--require-presence]
  read face-check|input-assist [--reader NAME] [--trust T] [--role R] [--credential KIND] [--output FILE]
       [--no-presence] [--require-presence] [--wait SECONDS]
  age --at-least N [--reader NAME] [--trust T] [--require-presence] [--wait SECONDS]

EVIDENCE is a file, - is standard input. T is production (default), test, or a file of anchors. R is general (default) or
my-number-office. The number for the card is the first line of standard input, or asked for without echo.

Exit status: 0 verified, or yes; 1 a check failed, or too young; 2 wrong usage or unreadable input; 3 no reader, no card, card or link
error; 4 refused by the gate or the role; 5 the number was wrong, is blocked, or was not presented because too few tries are left."""

private val out = PrintStream(java.io.FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8")
private val err = PrintStream(java.io.FileOutputStream(java.io.FileDescriptor.err), true, "UTF-8")

/** Run a command; the exit status says what came of it. Nothing that is raised shows its frames. */
fun main(words: Array<String>) {
    exitProcess(run(words.toList()))
}

private fun run(words: List<String>): Int {
    var options: Options? = null
    return try {
        options = Options(words)
        answered(options)
    } catch (error: MnverifyError) {
        tell(error, options?.json ?: ("--json" in words), options?.language ?: "en")
        error.exitStatus(reading = options?.command == "read" || options?.command == "age")
    } catch (_: Throwable) {
        err.println("mnverify: an error of the program itself. Nothing counts as verified. / プログラムの誤りです。検証済みとは扱わないでください。")
        2
    }
}

private fun answered(options: Options): Int {
    if (options.help) {
        out.println(HELP)
        return 0
    }
    return when (options.command) {
        "verify" -> verify(options)
        "read" -> read(options)
        "age" -> age(options)
        else -> throw Options.wrong("the commands are verify, read and age", "コマンドは verify、read、age です")
    }
}

private fun tell(error: MnverifyError, json: Boolean, language: String) {
    if (json) out.println(error.toJson(language))
    err.println("mnverify: ${error.text.inLanguage(language)}")
}

private fun verify(options: Options): Int {
    val trust = trustStore(options.trust)
    val evidence = Evidence.fromJson(readAll(options.place("EVIDENCE"), MAX_EVIDENCE), options.role)
    val verdict = verify(evidence, trust, options.at ?: now(), options.challenge, options.requirePresence)
    return shown(options, verdict)
}

private fun read(options: Options): Int {
    val domain = options.domain()
    val trust = trustStore(options.trust)
    if (options.output != null && domain == Domain.INPUT_ASSIST && options.role == Role.GENERAL) throw unstorable()
    val usual = if (domain == Domain.FACE_CHECK) CredentialKind.VERIFICATION_NUMBER_B else CredentialKind.PIN
    val checked = checked(options, domain, options.credential ?: usual, trust, emptySet())
    options.output?.let { keep(it, checked.evidence) }
    return shown(options, checked.verdict)
}

private fun age(options: Options): Int {
    options.noPlace()
    val years = options.atLeast
    val trust = trustStore(options.trust)
    val kind = CredentialKind.BIRTH_DATE
    val check = checkAge(checked(options, Domain.FACE_CHECK, kind, trust, setOf(Purpose.AGE)).verdict, years)
    if (options.json) {
        out.println(check.toJson(options.language))
    } else {
        out.println(check.detail.inLanguage(options.language))
        check.limits.values.forEach { out.println("- ${it.inLanguage(options.language)}") }
    }
    return if (check.answer == AgeAnswer.YES) 0 else 1
}

private fun checked(
    options: Options,
    domain: Domain,
    kind: CredentialKind,
    trust: TrustStore,
    purposes: Set<Purpose>,
): CheckedCard {
    val challenge = if (options.presence) Challenge.ofOurOwn() else Challenge.NONE
    val credential = credential(kind)
    if (options.wait > 0) Readers.waitForCard(options.reader, options.wait * 1000L)
    val reading = Reading(domain, credential, challenge, options.role, purposes)
    return Readers.connect(options.reader).use { link ->
        val torn = if (options.wait > 0) OnTorn { again(link, options, it) } else null
        runBlocking {
            checkCard(link, reading, trust, options.at ?: now(), options.requirePresence, onTorn = torn)
        }
    }
}

/** The link once the card is back, or `null`. */
private fun again(link: SmartCardIoLink, options: Options, error: LinkError): SmartCardIoLink? {
    err.println("mnverify: ${error.text.inLanguage(options.language)}")
    return link.takeIf { Readers.waitForReturn(options.reader, options.wait * 1000L) }
}

private fun credential(kind: CredentialKind): Credential {
    val console = System.console()
    val typed = if (console != null) console.readPassword("%s: ", kind.word)?.let(::String) else firstLine(System.`in`)
    if (typed.isNullOrBlank()) {
        throw CredentialFormatError(
            Text(
                "No number was given. Nothing was sent to the card; type it at the prompt or send it as the first line of standard input.",
                "番号が入力されていません。カードには何も送っていません。入力欄または標準入力の1行目で与えてください。",
            ),
        )
    }
    return Credential.fromText(kind, typed)
}

private fun firstLine(stream: InputStream): String {
    val line = java.io.ByteArrayOutputStream()
    while (line.size() < MAX_LINE) {
        val byte = stream.read()
        if (byte < 0 || byte == '\n'.code) break
        line.write(byte)
    }
    return String(line.toByteArray(), Charsets.UTF_8)
}

private fun trustStore(word: String): TrustStore =
    when (word) {
        "production" -> TrustStore.production()
        "test" -> TrustStore.test()
        else -> TrustStore.fromJson(readAll(word, MAX_ANCHORS))
    }

/** At most one byte more than [most], so that who parses them sees that it is too large. */
private fun readAll(path: String, most: Int): ByteArray =
    try {
        if (path == "-") System.`in`.readNBytes(most + 1) else File(path).inputStream().use { it.readNBytes(most + 1) }
    } catch (_: IOException) {
        throw UnreadableFile(path, Text("it cannot be opened or read", "開けないか、読み取れません"))
    }

/** Into a new file, readable by its owner only where the file system knows owners. */
private fun keep(path: String, evidence: Evidence) {
    val text = evidence.toJson()
    try {
        val target = File(path).toPath()
        val temporary = Files.createTempFile(target.toAbsolutePath().parent, ".mnverify", null)
        Files.write(temporary, text.toByteArray(), StandardOpenOption.WRITE)
        Files.move(temporary, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING)
    } catch (_: IOException) {
        throw UnreadableFile(path, Text("it cannot be written", "書き込めません"))
    }
}

private fun unstorable(): MnverifyError = NotStorable.beforeReading()

private fun now(): OffsetDateTime = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS)

private fun shown(options: Options, verdict: Verdict): Int {
    if (options.json) {
        out.println(verdict.toJson(language = options.language))
    } else {
        out.println("${verdict.word} (${verdict.findings.environment})")
        for (check in verdict.findings.checks) out.println("  $check: ${check.detail.inLanguage(options.language)}")
        if (verdict is Verified) verdict.fields.forEach { (name, field) -> out.println("  $name: ${field.assurance}") }
        verdict.findings.limits.values.forEach { out.println("- ${it.inLanguage(options.language)}") }
    }
    return if (verdict is Verified) 0 else 1
}

private const val MAX_LINE = 256
private const val MAX_EVIDENCE = 64 * 1024
private const val MAX_ANCHORS = 1024 * 1024
