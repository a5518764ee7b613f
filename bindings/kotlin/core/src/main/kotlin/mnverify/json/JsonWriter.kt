package mnverify.json

/** JSON text of maps, lists, texts, numbers, truth values and null: the same bytes as Python's `json.dumps(…, ensure_ascii=False)`. */
internal object JsonWriter {
    /** On lines, one blank of indentation a level. */
    fun indented(value: Any?): String = StringBuilder().also { write(it, value, "\n", 1) }.toString()

    /** On one line with nothing to spare. */
    fun compact(value: Any?): String = StringBuilder().also { write(it, value, null, 0) }.toString()

    private fun write(out: StringBuilder, value: Any?, line: String?, step: Int) {
        when (value) {
            null -> out.append("null")
            is String -> quote(out, value)
            is Map<*, *> -> members(out, value, line, step)
            is List<*> -> items(out, value, line, step)
            is Boolean, is Int, is Long -> out.append(value)
            else -> throw IllegalArgumentException("JSON has no ${value.javaClass.simpleName}")
        }
    }

    private fun members(out: StringBuilder, value: Map<*, *>, line: String?, step: Int) {
        if (value.isEmpty()) {
            out.append("{}")
            return
        }
        val inner = line?.let { it + " ".repeat(step) }
        var separator = "{"
        for ((name, member) in value) {
            out.append(separator).append(inner ?: "")
            quote(out, name as String)
            out.append(if (line == null) ":" else ": ")
            write(out, member, inner, step)
            separator = ","
        }
        out.append(line ?: "").append('}')
    }

    private fun items(out: StringBuilder, value: List<*>, line: String?, step: Int) {
        if (value.isEmpty()) {
            out.append("[]")
            return
        }
        val inner = line?.let { it + " ".repeat(step) }
        var separator = "["
        for (item in value) {
            out.append(separator).append(inner ?: "")
            write(out, item, inner, step)
            separator = ","
        }
        out.append(line ?: "").append(']')
    }

    private fun quote(out: StringBuilder, text: String) {
        out.append('"')
        for (c in text) {
            when (c) {
                '"' -> out.append("\\\"")
                '\\' -> out.append("\\\\")
                '\n' -> out.append("\\n")
                '\r' -> out.append("\\r")
                '\t' -> out.append("\\t")
                '\b' -> out.append("\\b")
                '\u000C' -> out.append("\\f")
                else -> if (c < ' ') out.append("\\u%04x".format(c.code)) else out.append(c)
            }
        }
        out.append('"')
    }
}
