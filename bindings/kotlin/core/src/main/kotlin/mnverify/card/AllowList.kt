package mnverify.card

import mnverify.MaskedBytes
import mnverify.Text
import mnverify.fromHex
import mnverify.json.JsonObject
import mnverify.profile.KeyRule
import mnverify.profile.SharedData
import mnverify.profile.CardProfile
import mnverify.profile.obj
import mnverify.profile.objs
import mnverify.profile.str
import mnverify.profile.texts
import mnverify.values.CredentialKind
import mnverify.values.Domain
import mnverify.values.Role

/**
 * Which commands one domain and role may send: read from the shared data, and a judge that knows nothing else. Forms are exact;
 * whatever is not written there is refused. Who may what is the standard's 第3の2(7)ウ, 第6 and 第7.
 */
internal class AllowList(domain: Domain, role: Role) {
    private val data: JsonObject = SharedData.section("gate").obj("allowed").obj("$domain/$role")
    private val aid = MaskedBytes.of(data.str("aid").fromHex())
    private val files: Set<Int> = data.texts("files").map { it.toInt(16) }.toSet()
    private val keys: Map<Int, KeyRule> =
        CardProfile.PRESENT.domains
            .getValue(domain)
            .keys.values
            .filter { it.keyId in data.obj("keys") }
            .associateBy(KeyRule::sfi)
    private val rules: Map<Int, (Command, CardState) -> Ruling> =
        data.objs("commands").associate { (it.str("cla") + it.str("ins")).toInt(16) to rule(it.str("rule")) }

    /** What follows from the command, or the reason of refusal. */
    fun judge(command: Command, state: CardState): Ruling {
        val rule = rules[command.cla shl 8 or command.ins] ?: return UNKNOWN
        if (!state.selected && !(command.ins == Ins.SELECT && command.p1 == 0x04)) return NOT_SELECTED
        return rule(command, state)
    }

    private fun rule(name: String): (Command, CardState) -> Ruling =
        when (name) {
            "select" -> { command, _ -> select(command) }
            "read" -> ::read
            "verify" -> ::verify
            "get-response" -> ::getResponse
            "sign" -> { command, _ -> sign(command) }
            "set-session-key" -> ::setSessionKey
            "secure-read" -> ::secureRead
            "secure-verify" -> ::secureVerify
            else -> error("the allow-list names a rule that this version does not have")
        }

    private fun select(command: Command): Ruling {
        if (command.extended || command.le != null || command.p2 != 0x0C) return FORM
        if (command.p1 == 0x04) {
            return if (command.data == aid) Allowed("SELECT application", Effect.SELECT_DOMAIN) else AID
        }
        if (command.p1 != 0x02 || command.data.size != 2) return FORM
        val ef = command.data.toNumber()
        return if (ef in files || ef in keys) Allowed("SELECT %04X".format(ef), Effect.SELECT_EF, ef) else FILE
    }

    private fun read(command: Command, state: CardState): Ruling {
        if (command.data.size > 0 || command.le == null) return FORM
        if (command.p1 and 0x80 != 0) return bySfi(command)
        return if (state.current in files) Allowed("READ BINARY %04X".format(state.current)) else CURRENT
    }

    private fun bySfi(command: Command): Ruling {
        if (command.p1 and 0xE0 != 0x80) return FORM
        val ef = command.p1 and 0x1F
        return if (ef in files) Allowed("READ BINARY %04X".format(ef), Effect.SELECT_EF, ef) else FILE
    }

    /** The key that a VERIFY is about; `null` where the form is none. */
    private fun keyForm(command: Command): Boolean =
        !command.extended && command.le == null && command.p1 == 0 && command.p2 and 0xE0 == 0x80

    private fun key(command: Command, state: CardState): KeyRule? =
        keys[(command.p2 and 0x1F).takeIf { it > 0 } ?: state.current]

    private fun verify(command: Command, state: CardState): Ruling {
        if (!keyForm(command)) return FORM
        val key = key(command, state) ?: return KEY
        val current = if (command.p2 == 0x80) state.current else null // by SFI: not sure which file is current afterwards
        if (command.data.size == 0) return Allowed("VERIFY ${key.keyId} (counter)", Effect.COUNTER, current, key = key.sfi)
        if (command.data.size != key.digits || !command.data.isDigits()) return FORM
        return Allowed("VERIFY ${key.keyId}", Effect.VERIFY, current, key.kind, key.sfi)
    }

    private fun sign(command: Command): Ruling {
        val whole = command.le == 256 || command.extended && command.le == 65536
        val digestInfo = command.data.size == DIGEST_INFO.size + 32 && command.data.startsWith(DIGEST_INFO)
        return if (command.p1 == 0 && command.p2 == 0 && whole && digestInfo) Allowed("INTERNAL AUTHENTICATE") else FORM
    }

    private fun getResponse(command: Command, state: CardState): Ruling {
        val form = command.p1 == 0 && command.p2 == 0 && command.data.size == 0 && !command.extended && command.le != null
        if (!form) return FORM
        return if (state.more) Allowed("GET RESPONSE") else NO_MORE
    }

    private fun setSessionKey(command: Command, state: CardState): Ruling {
        val form = command.p1 == 0 && command.p2 == 0 && command.extended && command.le == null && command.data.size == 256
        if (!form) return FORM
        return if (CredentialKind.PIN in state.verified) Allowed("SET SESSION KEY", Effect.SESSION_KEY) else NO_PIN
    }

    private fun secureRead(command: Command, state: CardState): Ruling {
        if (!state.secure) return NO_KEY
        val whole = command.extended && command.le == 65536 && command.p2 == 0
        val form = command.data.size == 5 && command.data.startsWith(SECURE_LE) && command.p1 and 0x80 != 0
        return if (whole && form) bySfi(command) else FORM
    }

    private fun secureVerify(command: Command, state: CardState): Ruling {
        if (!state.secure) return NO_KEY
        if (command.data.size != 3 + 16 || !command.data.startsWith(SECURE_PIN) || command.p2 == 0x80) return FORM
        if (!keyForm(command)) return FORM
        val key = key(command, state) ?: return KEY
        return Allowed("VERIFY ${key.keyId}", Effect.VERIFY, null, key.kind, key.sfi)
    }

    private companion object {
        val DIGEST_INFO = "3031300d060960864801650304020105000420".fromHex()
        val SECURE_PIN = "861101".fromHex() // one block of ciphertext follows: no credential is longer than 15 digits
        val SECURE_LE = "960300".fromHex()
        val FORM = Denied(Text("this form of the command is not on the allow-list", "許可された形のコマンドではありません"))
        val UNKNOWN = Denied(Text("the instruction is not on the allow-list", "許可された命令ではありません"))
        val AID = Denied(Text("only the domain's own full AID is ever selected", "この領域の完全なAID以外は選択できません"))
        val FILE = Denied(Text("the file is not permitted", "許可されたファイルではありません"))
        val KEY = Denied(Text("the key is not permitted", "許可された鍵ではありません"))
        val CURRENT = Denied(Text("the current file is not a permitted one", "現在のファイルが許可されたものではありません"))
        val NOT_SELECTED = Denied(Text("the application is not selected", "アプリケーションが選択されていません"))
        val NO_MORE = Denied(Text("the last answer announced no more data", "続きのデータがありません"))
        val NO_PIN = Denied(Text("the PIN was not verified in this session", "このセッションで暗証番号が照合されていません"))
        val NO_KEY = Denied(Text("no session key is set", "セッション鍵が設定されていません"))
    }
}
