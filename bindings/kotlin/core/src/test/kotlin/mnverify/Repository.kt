package mnverify

import mnverify.json.Base64
import mnverify.json.JsonObject
import mnverify.json.JsonParser
import mnverify.verification.TrustStore
import java.io.File

/** The files of the repository that all languages are held to. */
internal object Repository {
    val root = File(System.getProperty("mnverify.root")).canonicalFile
    val vectors = File(root, "tests/vectors")

    fun json(file: File): JsonObject = JsonParser(file.readText(), 24).document() as JsonObject

    fun shared(name: String): JsonObject = json(File(root, "bindings/shared/$name.json"))

    fun files(folder: File): List<File> = folder.listFiles { file -> file.name.endsWith(".json") }!!.sortedBy(File::getName)

    /** The anchors that a vector names, or holds, and its certificates. */
    fun trustOf(vector: JsonObject): TrustStore {
        val store =
            when (val trust = vector["trust"]) {
                "production" -> TrustStore.production()
                "test" -> TrustStore.test()
                "virtual" -> TrustStore.fromJson(File(vectors, "anchors/virtual.json").readBytes())
                else -> TrustStore.fromJson(mnverify.json.JsonWriter.compact(trust))
            }
        val certificates = vector["certificates"] as List<*>? ?: emptyList<Any>()
        return store.withCertificates(*certificates.map { checkNotNull(Base64.decode(it as String)) }.toTypedArray())
    }
}
