package mnverify

import java.io.DataInputStream
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The core knows no platform: its classes name nothing but themselves, Java's own, Kotlin's and the coroutines'. */
class BoundaryTest {
    private val permitted =
        listOf(
            "mnverify/",
            "kotlin/",
            "kotlinx/coroutines/",
            "org/jetbrains/annotations/",
            "java/io/",
            "java/lang/",
            "java/math/",
            "java/net/URI",
            "java/nio/",
            "java/security/",
            "java/text/",
            "java/time/",
            "java/util/",
        )

    @Test
    fun `no class of the core names another package`() {
        val classes = File(Repository.root, "bindings/kotlin/core/target/classes").walk().filter { it.extension == "class" }.toList()
        assertTrue(classes.size > 50)
        val wrong = classes.flatMap { file -> referred(file).filterNot(::isPermitted).map { "${file.name}: $it" } }
        assertEquals(emptyList(), wrong)
    }

    @Test
    fun `the classes run on Android and Java 8`() {
        val versions =
            File(Repository.root, "bindings/kotlin/core/target/classes").walk().filter { it.extension == "class" }.map {
                DataInputStream(it.inputStream()).use { data ->
                    data.skipBytes(6)
                    data.readUnsignedShort()
                }
            }
        assertEquals(setOf(52), versions.toSet())
    }

    private fun isPermitted(name: String) = permitted.any(name::startsWith)

    /** The classes that the constant pool names (JVM specification §4.4): as such, and in the types of fields and methods. */
    private fun referred(file: File): Set<String> =
        DataInputStream(file.inputStream().buffered()).use { data ->
            data.skipBytes(8)
            val texts = HashMap<Int, String>()
            val classes = ArrayList<Int>()
            val types = ArrayList<Int>()
            var at = 1
            val count = data.readUnsignedShort()
            while (at < count) {
                when (val tag = data.readUnsignedByte()) {
                    1 -> texts[at] = data.readUTF()
                    7 -> classes += data.readUnsignedShort()
                    8, 19, 20 -> data.skipBytes(2)
                    16 -> types += data.readUnsignedShort()
                    12 -> {
                        data.skipBytes(2)
                        types += data.readUnsignedShort()
                    }
                    3, 4, 9, 10, 11, 17, 18 -> data.skipBytes(4)
                    15 -> data.skipBytes(3)
                    5, 6 -> {
                        data.skipBytes(8)
                        at++
                    }
                    else -> error("constant $tag")
                }
                at++
            }
            val named = classes.map { texts.getValue(it) }.filterNot { it.startsWith("[") }
            val inTypes = types.flatMap { type -> TYPE.findAll(texts.getValue(type)).map { it.groupValues[1] } }
            (named + inTypes).filter { '/' in it }.toSet()
        }

    private companion object {
        val TYPE = Regex("L([^;]+);")
    }
}
