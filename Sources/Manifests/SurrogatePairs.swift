/// Characters beyond U+FFFF in a JSON document, each of which JSON may write as two escapes (RFC 8259, section 7).
///
/// libyaml refuses such escapes, as every reader of YAML does; kubectl takes what begins with `{` for JSON.
enum SurrogatePairs {
    /// The document with YAML's one escape in place of the two; its lines stay as they are.
    ///
    /// `nil` where there is nothing to replace, or where the text is no JSON by what it has outside of quotes.
    static func replaced(
        in text: UnsafeBufferPointer<UInt8>, linesBefore: Int
    ) throws(TreeBuilder.Failure) -> [UInt8]? {
        guard beginsAsJSON(text), var position = text.firstIndex(of: UInt8(ascii: "{")) else { return nil }
        guard hasSurrogate(text[position...]) else { return nil }
        var output = Array(text[..<position])
        output.reserveCapacity(text.count)
        var isQuoted = false
        while position < text.count {
            let byte = text[position]
            var length = 1
            if !isQuoted {
                guard JSONText.isStructure(byte) else { return nil }
                isQuoted = byte == JSONText.quote
            } else if byte == JSONText.backslash {
                if let first = escape(text, at: position), (0xD800...0xDFFF).contains(first) {
                    guard first < 0xDC00, let second = escape(text, at: position + 6),
                        (0xDC00...0xDFFF).contains(second)
                    else { throw lone(first, text, position, linesBefore) }
                    output += yamlEscape(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
                    position += 12
                    continue
                }
                length = 2
            } else {
                isQuoted = byte != JSONText.quote
            }
            output += text[position...].prefix(length)
            position += length
        }
        return output
    }

    /// A line `---` may stand before the document.
    private static func beginsAsJSON(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let rest = text.drop(while: JSONText.isBlank)
        return JSONText.isObject(rest.starts(with: "---".utf8) ? rest.dropFirst(3) : rest)
    }

    /// Whether `\uD8..` to `\uDF..` is anywhere: there seldom is one.
    private static func hasSurrogate(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var rest = text
        while let found = rest.firstIndex(of: JSONText.backslash) {
            let next = text[found...].dropFirst().prefix(2)
            if next.elementsEqual("ud".utf8) || next.elementsEqual("uD".utf8) { return true }
            rest = text[found...].dropFirst(2)
        }
        return false
    }

    /// The number of `\uXXXX` at a place.
    private static func escape(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt32? {
        let digits = text.dropFirst(position).prefix(6)
        guard digits.count == 6, digits.starts(with: "\\u".utf8) else { return nil }
        var value: UInt32 = 0
        for digit in digits.dropFirst(2) {
            guard let number = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(number)
        }
        return value
    }

    private static func yamlEscape(_ scalar: UInt32) -> [UInt8] {
        let digits = String(scalar, radix: 16)
        return Array("\\U\(String(repeating: "0", count: 8 - digits.utf8.count))\(digits)".utf8)
    }

    private static func lone(
        _ value: UInt32, _ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ linesBefore: Int
    ) -> TreeBuilder.Failure {
        let line = linesBefore + DocumentChunks.lineBreaks(in: text.prefix(position)) + 1
        let name = "\\u\(String(value, radix: 16))"
        return TreeBuilder.Failure(
            line: line, reason: "\(name) is half of a surrogate pair, and the other half is missing")
    }
}
