package mnverify.values

/**
 * A permitted application (domain) of the card.
 *
 * @property word as evidence and the command line write it
 */
public enum class Domain(public val word: String) {
    /** 券面事項確認AP */
    FACE_CHECK("face-check"),

    /** 券面事項入力補助AP */
    INPUT_ASSIST("input-assist"),
    ;

    override fun toString(): String = word
}

/**
 * What the relying party is under the My Number Act (番号法), declared once when a session is opened.
 *
 * @property word as evidence and the command line write it
 */
public enum class Role(public val word: String) {
    /** 個人番号利用事務等実施者以外の者 */
    GENERAL("general"),

    /** 個人番号利用事務等実施者 */
    MY_NUMBER_OFFICE("my-number-office"),
    ;

    override fun toString(): String = word
}

/**
 * The kinds of credential that a holder can present.
 *
 * @property word as evidence and the command line write it
 */
public enum class CredentialKind(public val word: String) {
    /** 生年月日 */
    BIRTH_DATE("birth-date"),

    /** 照合番号B */
    VERIFICATION_NUMBER_B("verification-number-b"),

    /** 照合番号A (= 個人番号) */
    VERIFICATION_NUMBER_A("verification-number-a"),

    /** 暗証番号 */
    PIN("pin"),
    ;

    override fun toString(): String = word
}

/**
 * What a reading is for: it decides which files are asked for, and no others (第6の3, 第7の3: minimum information).
 *
 * @property word as scripts write it
 */
public enum class Purpose(public val word: String) {
    /** face-check, the age record alone */
    AGE("age"),

    /** face-check, the card face */
    FACE("face"),

    /** input-assist, the four attributes (基本4情報) */
    ATTRIBUTES("attributes"),

    /** either domain, the 個人番号; role `my-number-office` only */
    NUMBER("number"),
    ;

    override fun toString(): String = word
}

/**
 * Sex by JIS X 0303: one ASCII digit on the card, a word in results.
 *
 * @property word as results write it
 * @property digit on the card
 * @property japanese the word that a Japanese form uses
 */
public enum class Sex(public val word: String, public val digit: Char, public val japanese: String) {
    UNKNOWN("unknown", '0', "不明"),
    MALE("male", '1', "男"),
    FEMALE("female", '2', "女"),
    NOT_APPLICABLE("not-applicable", '9', "適用不能"),
    ;

    override fun toString(): String = word
}
