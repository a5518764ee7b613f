package mnverify

/**
 * One sentence in English and in Japanese. Everything that is said to a person is one, so that no message exists in one language only.
 *
 * @property en the English sentence
 * @property ja the Japanese sentence
 */
public class Text(public val en: String, public val ja: String) {
    /** The sentence in [language]: `ja` for Japanese, English for anything else. */
    public fun inLanguage(language: String): String = if (language == "ja") ja else en

    /** The sentence with its `{placeholders}` filled in, in both languages; a [Text] in its own of each. */
    public fun fill(vararg values: Pair<String, Any>): Text {
        var english = en
        var japanese = ja
        for ((name, value) in values) {
            english = english.replace("{$name}", if (value is Text) value.en else value.toString())
            japanese = japanese.replace("{$name}", if (value is Text) value.ja else value.toString())
        }
        return Text(english, japanese)
    }

    override fun equals(other: Any?): Boolean = other is Text && other.en == en && other.ja == ja

    override fun hashCode(): Int = en.hashCode()

    override fun toString(): String = en

    public companion object {
        /** The same word in both languages: a name, a code, a path. */
        public fun of(word: String): Text = Text(word, word)
    }
}
