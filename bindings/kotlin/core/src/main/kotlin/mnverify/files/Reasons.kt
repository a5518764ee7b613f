package mnverify.files

import mnverify.profile.Sentences

/** Why bytes are no card file, in the words that people read. None of them holds content. */
internal object Reasons {
    private val reason = Sentences("reasons")

    val TRUNCATED by reason
    val CUT_OBJECT by reason
    val CUT_HEADER by reason
    val CUT_TAG by reason
    val NO_TAG by reason
    val LONG_TAG by reason
    val INDEFINITE by reason
    val LONG_LENGTH by reason
    val TOO_LONG_OBJECT by reason
    val TOO_LONG_FILE by reason
    val TOO_MANY_OBJECTS by reason
    val EMPTY_FILE by reason
    val NOT_FILLER by reason
    val NOT_AN_OBJECT by reason
    val OTHER_BEGINNING by reason
    val UNKNOWN_LAYOUT by reason
    val TWICE by reason
    val UNKNOWN_OBJECT by reason
    val MISSING by reason
    val OUT_OF_ORDER by reason
    val WRONG_SIZE by reason
    val NO_DATE by reason
    val NO_SUCH_DAY by reason
    val NO_SEX by reason
    val NO_MUNICIPALITY by reason
    val NO_IMAGE by reason
    val NO_NUMBER by reason
    val NUMBER_FILLER by reason
    val TEXT_SIZE by reason
    val NOT_UTF_8 by reason
    val CONTROL_CHARACTERS by reason
    val OTHER_KEY by reason
    val MODULUS_SIZE by reason
    val EXPONENT_SIZE by reason
    val SIGNATURE_SIZE by reason
    val DIGEST_SIZE by reason
    val SHORT_CERTIFICATE by reason
    val NOT_DROPPABLE by reason
    val NOT_NAMED by reason
    val NAMED by reason
    val NO_SEGMENTS by reason
}
