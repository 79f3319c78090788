/// Parts of a text that can be parsed alone: a new one begins at each line `---`, after each line `...`, and between
/// JSON objects that follow each other, as jq prints them and kubectl takes them.
///
/// YAML lets no scalar hold such a line, and no mapping stand right behind another. Comments and directives stay with
/// the document that follows them.
struct DocumentChunks {
    struct Chunk {
        let bytes: UnsafeBufferPointer<UInt8>
        let linesBefore: Int
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var lines = 0
    /// A text in UTF-16 is one chunk.
    private let isWhole: Bool
    /// The text so far is nothing but JSON objects; once it is not, none is sought: that may take the whole text each time.
    private var isJSON: Bool

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        isWhole = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        isJSON = !isWhole
    }

    mutating func next() -> Chunk? {
        guard position < bytes.count else { return nil }
        let start = position
        let linesBefore = lines
        if isJSON, let end = JSONText.endOfObject(in: bytes[start...]), JSONText.isObject(bytes[end...]) {
            position = end
            lines += Self.lineBreaks(in: bytes[start..<end])
            return Chunk(bytes: UnsafeBufferPointer(rebasing: bytes[start..<end]), linesBefore: linesBefore)
        }
        isJSON = false
        var hasContent = false
        while position < bytes.count {
            if !isWhole, hasContent, isMarker(UInt8(ascii: "-")) { break }
            let isEnd = !isWhole && isMarker(UInt8(ascii: "."))
            hasContent = hasContent || isContent
            skipLine()
            guard isEnd else { continue }
            // More of them end nothing.
            while position < bytes.count, isMarker(UInt8(ascii: ".")) { skipLine() }
            break
        }
        return Chunk(bytes: UnsafeBufferPointer(rebasing: bytes[start..<position]), linesBefore: linesBefore)
    }

    /// Three of a character and then a blank, at the start of the present line.
    private func isMarker(_ character: UInt8) -> Bool {
        guard position + 3 <= bytes.count, bytes[position] == character, bytes[position + 1] == character,
            bytes[position + 2] == character
        else { return false }
        return position + 3 == bytes.count || [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position + 3])
    }

    /// The present line is more than blank, a comment or a directive.
    private var isContent: Bool {
        if bytes[position] == UInt8(ascii: "%") { return false }
        let first = bytes[position...].first { $0 != 0x20 && $0 != 0x09 }
        return first.map { ![0x0A, 0x0D, UInt8(ascii: "#")].contains($0) } ?? false
    }

    private mutating func skipLine() {
        let rest = bytes[position...]
        guard let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
            position = bytes.count
            return
        }
        let isPair = bytes[end] == 0x0D && end + 1 < bytes.count && bytes[end + 1] == 0x0A
        position = end + (isPair ? 2 : 1)
        lines += 1
    }

    /// The line breaks of a text, each of CR, LF and CR LF one.
    static func lineBreaks(in bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var count = 0
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 0x0D || (byte == 0x0A && previous != 0x0D) { count += 1 }
            previous = byte
        }
        return count
    }
}
