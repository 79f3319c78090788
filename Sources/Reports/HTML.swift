/// A piece of a page: the literal is markup, and what stands in it by interpolation is text, which gets in escaped only.
///
///     let cell: HTML = "<td>\(finding.detail)</td>"
struct HTML: Sendable, Equatable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral markup: StaticString) { text = "\(markup)" }

    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 32)
        }

        mutating func appendLiteral(_ markup: StaticString) { text += "\(markup)" }

        /// Text of any origin.
        mutating func appendInterpolation(_ text: String) { self.text += HTML.escaped(text) }

        /// The name of a pod, a container or a file within a sentence, which its own direction of writing does not turn.
        mutating func appendInterpolation(name: String) {
            text += "<bdi>\(HTML.escaped(TerminalText.cut(name, bytes: HTML.longestName)))</bdi>"
        }

        mutating func appendInterpolation(_ number: Int) { text += NumberText.grouped(number) }

        mutating func appendInterpolation(_ html: HTML) { text += html.text }

        /// Pieces one after another.
        mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { text += piece.text } }

        /// Pieces below each other, without those that are empty.
        mutating func appendInterpolation(lines pieces: [HTML]) {
            text += pieces.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n")
        }
    }
}

extension HTML {
    /// The longest text, in bytes: the longest path that Linux takes (PATH_MAX, path_resolution(7)).
    static let longestText = 4096
    /// The longest name, in bytes: a namespace of 63 and a pod of 253 with what parts them (RFC 1123, DNS labels and names).
    static let longestName = 320

    /// Text as the content of an element or of an attribute in double quotes, cut where it is longer than any real one.
    ///
    /// What is not plainly visible is written out as on a terminal. A mark that would join the character before it, the
    /// end of a tag, is a character reference, so that the page stays the same when it is normalized (Unicode, NFC).
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in TerminalText.cut(TerminalText.escaped(text), bytes: longestText).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case _ where result.isEmpty && scalar.joinsPrevious: result += "&#\(scalar.value);"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// A mark that is drawn over the character before it.
    fileprivate var joinsPrevious: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
