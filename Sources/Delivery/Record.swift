/// One record on its way out: a line of text, such as a JSON document.
package struct Record: Sendable, Equatable, Codable {
    /// Milliseconds since 1970-01-01 UTC.
    package let time: Int64
    package let text: String

    /// Line breaks, which JSON text does not have, become spaces: a record is one line everywhere.
    package init(time: Int64, text: String) {
        self.time = time
        let isOneLine = !text.utf8.contains { $0 == 0x0A || $0 == 0x0D }
        self.text =
            isOneLine
            ? text : String(decoding: text.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
    }

    /// The record as a line with its break.
    var line: [UInt8] { Array(text.utf8) + [0x0A] }
}
