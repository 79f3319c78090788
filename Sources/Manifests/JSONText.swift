/// What tells JSON from the flow style of YAML, of which it is a part for libyaml.
enum JSONText {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    /// The first byte that is not blank is `{`.
    static func isObject(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        text.first { !isBlank($0) } == UInt8(ascii: "{")
    }

    /// Where the object that a text begins with ends; `nil` where there is none, or no JSON by what is outside of quotes.
    static func endOfObject(in text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard isObject(text) else { return nil }
        var depth = 0
        var isQuoted = false
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            if isQuoted {
                if byte == backslash { position += 1 }
                isQuoted = byte != quote
            } else {
                guard isStructure(byte) else { return nil }
                isQuoted = byte == quote
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { depth += 1 }
                if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                    depth -= 1
                    if depth == 0 { return position + 1 }
                }
            }
            position += 1
        }
        return nil
    }

    static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    /// What JSON has outside of strings: blanks, brackets, separators, numbers, `true`, `false` and `null`.
    static func isStructure(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, quote: true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: "{}[],:.+-E".utf8.contains(byte)
        }
    }
}
