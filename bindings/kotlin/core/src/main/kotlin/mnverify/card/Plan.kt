package mnverify.card

import mnverify.RoleError
import mnverify.Text
import mnverify.UsageError
import mnverify.profile.DomainProfile
import mnverify.profile.FileRule
import mnverify.profile.KeyRule
import mnverify.values.CredentialKind
import mnverify.values.Purpose
import mnverify.values.Role

/**
 * What a reading asks for, decided before a byte is sent.
 *
 * @property credential the kind that opens all of it
 * @property files in reading order, each once
 */
internal class Plan(val credential: CredentialKind, val files: List<FileRule>)

/** The key EF to which a credential of this kind is presented. */
internal fun keyFor(domain: DomainProfile, role: Role, kind: CredentialKind): KeyRule {
    val key =
        domain.keys[kind] ?: throw UsageError(
            Text(
                "The ${domain.domain} application takes no $kind. Nothing was sent.",
                "${domain.domain} では $kind を使えません。何も送っていません。",
            ),
        )
    if (kind !in domain.keysFor(role)) {
        throw RoleError(
            Text(
                "Role $role may not present $kind: it is the My Number. Nothing was sent.",
                "この役割（$role）では $kind（個人番号）を提示できません。何も送っていません。",
            ),
        )
    }
    return key
}

/** The files that purposes ask for, if the role may read them and a credential that was presented opens them. */
internal fun planReading(
    domain: DomainProfile,
    role: Role,
    presented: Collection<CredentialKind>,
    purposes: List<Purpose>,
): Plan {
    for (purpose in purposes) {
        if (purpose !in domain.purposes) {
            throw UsageError(
                Text(
                    "The ${domain.domain} application does not serve purpose $purpose. Nothing was read.",
                    "${domain.domain} は目的 $purpose に使えません。何も読んでいません。",
                ),
            )
        }
    }
    if (purposes.isEmpty()) throw UsageError(Text("Name at least one purpose.", "目的を1つ以上指定してください。"))
    val ids = purposes.flatMap(domain.purposes::getValue).distinct()
    if (!domain.filesFor(role).containsAll(ids)) {
        throw RoleError(
            Text(
                "Role $role may not read the My Number. Nothing was read.",
                "この役割（$role）では個人番号を読み取れません。何も読んでいません。",
            ),
        )
    }
    val files = ids.map(domain.files::getValue)
    val kind =
        domain.keysFor(role).keys.firstOrNull { kind ->
            kind in presented && files.all { it.openedBy.isEmpty() || kind in it.openedBy }
        } ?: throw notOpened(files)
    return Plan(kind, files)
}

private fun notOpened(files: List<FileRule>): UsageError {
    val wanted = files.flatMap(FileRule::openedBy).map(CredentialKind::word).toSortedSet().joinToString(", ")
    return UsageError(
        Text(
            "No credential that opens all of this was presented in this session (one of: $wanted). Nothing was read.",
            "これらを開ける番号が、このセッションで提示されていません（$wanted のいずれか）。何も読んでいません。",
        ),
    )
}
