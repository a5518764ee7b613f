package jp.example.reader

import android.app.Activity
import android.app.PendingIntent
import android.content.Intent
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.tech.IsoDep
import android.os.Bundle
import android.text.InputType
import android.view.WindowManager
import android.widget.Button
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import mnverify.MnverifyError
import mnverify.Text
import mnverify.android.IsoDepLink
import mnverify.card.Challenge
import mnverify.card.OnTorn
import mnverify.card.Reading
import mnverify.card.VerificationNumberB
import mnverify.card.readCard
import mnverify.values.Domain
import mnverify.values.Purpose
import java.io.IOException
import java.util.Locale

/**
 * One screen: three fields as printed on the card, a button, and a line that says what to do.
 *
 * The app verifies nothing, and nobody has to believe it: the card signs the challenge of the bank's endpoint, and the endpoint judges.
 * Nothing that was typed or read is written, logged, or kept when the screen is left.
 */
class ReaderActivity : Activity() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)
    private val cards = Channel<Tag>(Channel.CONFLATED)
    private val backend = Backend("https://bank.example.jp")
    private var reading: Job? = null
    private lateinit var birth: EditText
    private lateinit var expiryYear: EditText
    private lateinit var securityCode: EditText
    private lateinit var line: TextView

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE) // no screenshot, no picture in the list of apps
        birth = field(Words.BIRTH, InputType.TYPE_CLASS_TEXT)
        expiryYear = field(Words.EXPIRY_YEAR, InputType.TYPE_CLASS_NUMBER)
        securityCode = field(Words.SECURITY_CODE, InputType.TYPE_CLASS_NUMBER)
        line = TextView(this)
        val start = Button(this).apply { text = said(Words.START) }
        start.setOnClickListener { begin() }
        val column = LinearLayout(this).apply { orientation = LinearLayout.VERTICAL }
        for (view in listOf(birth, expiryYear, securityCode, start, line)) column.addView(view)
        setContentView(column)
    }

    /** Foreground dispatch: as long as this screen is in front, cards come to it and open no other app. */
    override fun onResume() {
        super.onResume()
        val adapter = NfcAdapter.getDefaultAdapter(this)
        if (adapter == null || !adapter.isEnabled) {
            show(if (adapter == null) Words.NO_NFC else Words.NFC_OFF)
            return
        }
        val again = Intent(this, javaClass).addFlags(Intent.FLAG_ACTIVITY_SINGLE_TOP)
        val pending = PendingIntent.getActivity(this, 0, again, MUTABLE)
        adapter.enableForegroundDispatch(this, pending, null, arrayOf(arrayOf(IsoDep::class.java.name)))
    }

    override fun onPause() {
        super.onPause()
        NfcAdapter.getDefaultAdapter(this)?.disableForegroundDispatch(this)
    }

    /** A card was put on the phone. */
    override fun onNewIntent(intent: Intent) {
        val tag: Tag? = intent.getParcelableExtra(NfcAdapter.EXTRA_TAG)
        if (tag != null) cards.trySend(tag)
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private fun begin() {
        reading?.cancel()
        val typed = listOf(birth, expiryYear, securityCode).map { it.text.toString() }
        reading =
            scope.launch {
                try {
                    // the form is checked here, before anything is asked of anybody: a slip costs none of the card's tries
                    read(VerificationNumberB.fromPrinted(typed[0], typed[1], typed[2]))
                } catch (error: MnverifyError) {
                    show(error.text) // what happened, what was not done, what to do
                } catch (_: IOException) {
                    show(Words.NO_ANSWER)
                }
            }
    }

    private suspend fun read(number: VerificationNumberB) {
        show(Words.ASKING)
        val application = backend.apply()
        show(Words.HOLD)
        val evidence =
            readCard(
                IsoDepLink.of(cards.receive()),
                Reading(Domain.FACE_CHECK, number, Challenge.ofVerifier(application.challenge), purposes = setOf(Purpose.FACE)),
                progress = { done, expected -> show(Words.READING.fill("percent" to 100 * done / expected)) },
                onTorn = OnTorn { putBack() },
            )
        show(Words.SENDING)
        show(if (backend.send(application, evidence.toRequest())) Words.OPENED else Words.REFUSED)
    }

    /** The card slipped: wait for it to come back. What was read is kept for the same card alone. */
    private suspend fun putBack(): IsoDepLink? {
        show(Words.LOST)
        return withTimeoutOrNull(PATIENCE) { IsoDepLink.of(cards.receive()) }
    }

    private fun field(words: Text, kind: Int): EditText =
        EditText(this).apply {
            hint = said(words)
            inputType = kind or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS // no keyboard learns it
        }

    private fun show(words: Text) = runOnUiThread { line.text = said(words) }

    private fun said(words: Text): String = words.inLanguage(Locale.getDefault().language)

    private companion object {
        const val PATIENCE = 30_000L // milliseconds

        /** `PendingIntent.FLAG_MUTABLE` of Android 12: the system writes the card into the intent. Older ones pass over it. */
        const val MUTABLE = 0x02000000
    }
}
