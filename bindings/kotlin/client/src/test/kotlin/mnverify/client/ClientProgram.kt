package mnverify.client

import kotlinx.coroutines.runBlocking
import mnverify.MnverifyError
import java.util.Base64

/**
 * A relying party's back end for tests of the client against a real endpoint: what it is asked stands on standard input, one line each.
 *
 * ```
 * URL API-KEY RELYING-PARTY ENVIRONMENT     once, at first
 * challenge                                 answers: ID CHALLENGE (base64)
 * verify CHALLENGE-ID EVIDENCE (base64)     answers: confirmed ID BIRTH-DATE | rejected ID FAILED-CHECK | error CODE
 * outcome ID                                answers: verified | rejected
 * ```
 */
fun main(): Unit =
    runBlocking {
        val (url, key, party, environment) = readln().split(" ")
        val client = VerificationClient(url, key, party, UrlConnectionHttp(), environment = environment)
        while (true) {
            val words = readlnOrNull()?.split(" ") ?: break
            println(
                try {
                    answer(client, words)
                } catch (error: MnverifyError) {
                    "error ${error.code}"
                },
            )
        }
    }

private suspend fun answer(client: VerificationClient, words: List<String>): String =
    when (words[0]) {
        "challenge" -> client.newChallenge().let { "${it.id} ${Base64.getEncoder().encodeToString(it.challenge())}" }
        "verify" ->
            when (val verdict = client.verify(words[1], Base64.getDecoder().decode(words[2]))) {
                is ConfirmedByEndpoint -> "confirmed ${verdict.findings.id} ${verdict.fields.getValue("birth_date").value}"
                is RejectedByEndpoint ->
                    "rejected ${verdict.findings.id} ${verdict.findings.checks.first { it.outcome == "fail" }.id}"
            }
        "outcome" -> if (client.outcome(words[1]).verified) "verified" else "rejected"
        else -> "?"
    }
