/// Escaped text laid out in lines of a limited width.
enum LineWrap {
    /// The text in lines of at most `width` columns, broken at white space and, in longer words, anywhere.
    ///
    /// With `limit`, the last line ends with `…` where there would have been more; an empty text is one empty line.
    /// `keepingSpaces` keeps several spaces in a row inside a line.
    static func lines(_ text: String, width: Int, limit: Int? = nil, keepingSpaces: Bool = false) -> [String] {
        var filler = LineFiller(width: width, limit: limit)
        let words = text.split(omittingEmptySubsequences: !keepingSpaces, whereSeparator: { $0 == " " || $0 == "\n" })
        for word in words {
            filler.add(word)
            if filler.isFull { break }
        }
        return filler.finished
    }

    /// A first line after `first`, and all others after as many spaces as `indent`, none wider than `width`.
    static func hanging(
        _ first: String, indent: Int, _ text: String, width: Int, limit: Int? = nil, keepingSpaces: Bool = false
    ) -> [String] {
        let space = String(repeating: " ", count: indent)
        let lines = lines(text, width: width - indent, limit: limit, keepingSpaces: keepingSpaces)
        return lines.enumerated().map { index, line in
            index == 0 ? DisplayWidth.padded(first, to: indent) + line : space + line
        }
    }
}

/// Lines that are being filled, word by word.
private struct LineFiller {
    let width: Int
    let limit: Int?
    private var lines: [String] = []
    private var line = ""
    private var used = 0
    private var isFirstWord = true

    init(width: Int, limit: Int?) {
        self.width = width
        self.limit = limit
    }

    /// There is more text than `limit` lines hold.
    var isFull: Bool { limit.map { lines.count > $0 } ?? false }

    mutating func add(_ word: Substring) {
        let length = DisplayWidth.of(String(word))
        if !isFirstWord, used + 1 + length > width, used > 0 {
            startLine()
        } else if !isFirstWord, used > 0 {
            line += " "
            used += 1
        }
        isFirstWord = false
        for scalar in word.unicodeScalars {
            let columns = DisplayWidth.of(scalar)
            if used + columns > width { startLine() }
            if isFull { return }
            line.unicodeScalars.append(scalar)
            used += columns
        }
    }

    /// The lines, the last one marked where text is missing.
    var finished: [String] {
        var all = lines
        if !line.isEmpty || all.isEmpty { all.append(line) }
        guard let limit, all.count > limit, limit > 0 else { return all }
        var last = all[limit - 1]
        while DisplayWidth.of(last) > width - 1, !last.isEmpty { last.unicodeScalars.removeLast() }
        return all[..<(limit - 1)] + [last + "…"]
    }

    private mutating func startLine() {
        while line.hasSuffix(" ") { line.removeLast() }
        lines.append(line)
        line = ""
        used = 0
    }
}
