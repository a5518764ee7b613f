package mnverify.cli

import mnverify.Text
import mnverify.UsageError
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Role
import java.time.DateTimeException
import java.time.OffsetDateTime
import java.util.Base64

/** The words of a command line, understood. Names and meanings are those of the `mnverify` command. */
internal class Options(words: List<String>) {
    private val values = HashMap<String, String>()
    private val flags = HashSet<String>()
    private val places = ArrayList<String>()

    init {
        val left = ArrayDeque(words)
        while (left.isNotEmpty()) {
            val word = left.removeFirst()
            val name = word.substringBefore('=')
            when {
                word == "-" || !word.startsWith("-") -> places.add(word)
                word in FLAGS -> flags.add(word)
                name in VALUED -> {
                    val value = if ('=' in word) word.substringAfter('=') else left.removeFirstOrNull()
                    values[name] = value ?: throw wrong("$name wants a value", "$name には値が必要です")
                }
                else -> throw wrong("there is no option $name", "$name というオプションはありません")
            }
        }
    }

    val json get() = "--json" in flags
    val help get() = "--help" in flags
    val requirePresence get() = "--require-presence" in flags
    val presence get() = "--no-presence" !in flags
    val language get() = values["--lang"] ?: "en"
    val trust get() = values["--trust"] ?: "production"
    val reader get() = values["--reader"]
    val output get() = values["--output"]
    val role get() = term("--role", Role.values()) ?: Role.GENERAL
    val credential get() = term("--credential", CredentialKind.values())

    val command: String get() = places.firstOrNull() ?: ""

    /** Seconds to wait for a card, and for one that was lost. */
    val wait get() = whole("--wait", 0..600) ?: 0
    val atLeast get() = whole("--at-least", 1..149) ?: throw wrong("--at-least is missing", "--at-least がありません")

    val at: OffsetDateTime?
        get() =
            values["--at"]?.let {
                try {
                    OffsetDateTime.parse(it)
                } catch (_: DateTimeException) {
                    throw wrong(
                        "--at is a moment with a time zone, as 2026-11-22T10:00:00+09:00",
                        "--at は 2026-11-22T10:00:00+09:00 のようなタイムゾーン付きの日時です",
                    )
                }
            }

    val challenge: ByteArray?
        get() =
            values["--challenge"]?.let {
                val raw =
                    try {
                        Base64.getDecoder().decode(it)
                    } catch (_: IllegalArgumentException) {
                        null
                    }
                raw?.takeIf { bytes -> Base64.getEncoder().encodeToString(bytes) == it }
                    ?: throw wrong("--challenge is canonical base64", "--challenge は正規の base64 です")
            }

    /** The one word behind the command. */
    fun place(what: String): String {
        if (places.size != 2) throw wrong("it takes one $what", "$what を1つ指定してください")
        return places[1]
    }

    fun domain(): Domain {
        val word = place("domain")
        return Domain.values().firstOrNull { it.word == word }
            ?: throw wrong("a domain is face-check or input-assist", "領域は face-check か input-assist です")
    }

    fun noPlace() {
        if (places.size != 1) throw wrong("it takes no further word", "余分な語があります")
    }

    private fun <T> term(name: String, terms: Array<T>): T? =
        values[name]?.let { word ->
            val words = terms.joinToString(", ")
            terms.firstOrNull { it.toString() == word } ?: throw wrong("$name is one of $words", "$name は $words のいずれかです")
        }

    private fun whole(name: String, range: IntRange): Int? =
        values[name]?.let { word ->
            word.toIntOrNull()?.takeIf(range::contains)
                ?: throw wrong(
                    "$name is a whole number from ${range.first} to ${range.last}",
                    "$name は ${range.first}〜${range.last} の整数です",
                )
        }

    internal companion object {
        private val FLAGS = setOf("--json", "--help", "--require-presence", "--no-presence")
        private val VALUED =
            setOf(
                "--lang",
                "--trust",
                "--reader",
                "--output",
                "--role",
                "--credential",
                "--wait",
                "--at-least",
                "--at",
                "--challenge",
            )

        fun wrong(en: String, ja: String) =
            UsageError(Text("$en. Nothing was done; see --help.", "$ja。何もしていません。--help を参照してください。"))
    }
}
