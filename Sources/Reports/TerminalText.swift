/// Text of unknown origin made safe for a terminal, a log line or a journal field.
///
/// Names, paths and arguments are chosen by containers: a raw escape sequence could repaint the screen, a bidirectional
/// override could make a line read as another one, a line break could forge a finding.
package enum TerminalText {
    /// The text with every character that is not plainly visible written out: `\n`, `\x1b`, `\u{202e}`.
    ///
    /// A backslash stays as it is: paths with `\xNN` for bytes that are no UTF-8 come with theirs already.
    package static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) { result += escape(scalar) } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// Everything that is not drawn, or not as what it is: controls, separators and spaces other than the common one,
    /// format characters (bidirectional, zero width, tags), variation selectors and fillers, and code points that this
    /// build does not know the width of.
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        if scalar.value < 0xA0 || scalar == brailleBlank { return true }
        let properties = scalar.properties
        // Of these, the Hangul fillers and variation selectors are letters and marks by their category.
        if properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned: return true
        default: return false
        }
    }

    /// A symbol by its category, and drawn as nothing.
    private static let brailleBlank: Unicode.Scalar = "\u{2800}"

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let hex = String(scalar.value, radix: 16)
            if scalar.value > 0x7F { return "\\u{\(hex)}" }
            return "\\x" + (hex.utf8.count < 2 ? "0" : "") + hex
        }
    }

    /// The text cut to a number of bytes, at the end of a character as Unicode scalars go, with `…` where it was cut.
    package static func cut(_ text: String, bytes limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        let mark = "…"
        var room = max(limit - mark.utf8.count, 0)
        var result = ""
        for scalar in text.unicodeScalars {
            room -= UTF8.width(scalar)
            if room < 0 { break }
            result.unicodeScalars.append(scalar)
        }
        return limit < mark.utf8.count ? result : result + mark
    }
}
