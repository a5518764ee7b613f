package mnverify.profile

import mnverify.Text
import mnverify.json.JsonObject
import mnverify.json.StrictJson
import kotlin.reflect.KProperty

/**
 * What all languages read: card profile, allow-list, words, anchors (`bindings/shared/mnverify.json`, made from Python's). It travels
 * in the jar.
 */
internal object SharedData {
    private const val RESOURCE = "mnverify.json"
    private const val FORMAT = "mnverify.bindings/1"

    private val document: JsonObject by lazy {
        val stream = SharedData::class.java.getResourceAsStream(RESOURCE) ?: error("the jar lacks $RESOURCE")
        val found =
            StrictJson(RESOURCE, 1 shl 20, 16, 12) { where, why -> IllegalStateException("$where: $why") }
                .load(stream.use { it.readBytes() })
        check(found["format"] == FORMAT) { "$RESOURCE is not $FORMAT" }
        found
    }

    fun section(name: String): JsonObject = document.obj(name)

    fun list(name: String): List<String> = document.texts(name)

    fun sentence(section: String, code: String): Text = section(section).sentence(code)
}

/** Delegate of the sentences of a section: the name of the property is that of the sentence. */
internal class Sentences(private val section: String) {
    operator fun getValue(owner: Any?, property: KProperty<*>): Text = SharedData.sentence(section, property.name)
}

internal fun JsonObject.obj(name: String): JsonObject = getValue(name) as JsonObject

internal fun JsonObject.objs(name: String): List<JsonObject> = (getValue(name) as List<*>).map { it as JsonObject }

internal fun JsonObject.texts(name: String): List<String> = (getValue(name) as List<*>).map { it as String }

internal fun JsonObject.str(name: String): String = getValue(name) as String

internal fun JsonObject.int(name: String): Int = (getValue(name) as Long).toInt()

internal fun JsonObject.sentence(name: String): Text = obj(name).let { Text(it.str("en"), it.str("ja")) }
