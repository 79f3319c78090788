import FoundationEssentials

extension ManifestNode.Content {
    /// Why a scalar has no value.
    struct UnresolvedTag: Error {
        let reason: String
    }

    /// The value of a scalar by the rules of YAML 1.1 as Kubernetes reads it (sigs.k8s.io/yaml, goyaml.v2/resolve.go).
    ///
    /// A tag of the application's own leaves the text as it is.
    init(scalar text: String, isPlain: Bool, tag: String?) throws(UnresolvedTag) {
        guard let tag else {
            self = isPlain ? Self(plain: text) : .string(text)
            return
        }
        let prefix = "tag:yaml.org,2002:"
        guard tag.hasPrefix(prefix) else {
            self = .string(text)
            return
        }
        let type = String(tag.dropFirst(prefix.count))
        if type == "binary" {
            self = .string(try Self.decodedBase64(text))
            return
        }
        let value = Self(plain: text)
        switch (type, value) {
        case ("str", _), ("timestamp", .string): self = .string(text)
        case ("null", .null), ("bool", .boolean), ("int", .integer), ("float", .number): self = value
        case ("float", .integer(let integer)): self = .number(Double(integer))
        case ("null", _), ("bool", _), ("int", _), ("float", _), ("timestamp", _):
            throw UnresolvedTag(reason: "the value is no !!\(type)")
        default: throw UnresolvedTag(reason: "the tag !!\(type.prefix(60)) is not supported")
        }
    }

    /// The bytes as text, what is no UTF-8 replaced, as on their way to JSON; padding is needed (Go's base64.StdEncoding).
    private static func decodedBase64(_ text: String) throws(UnresolvedTag) -> String {
        let digits = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        guard let bytes = Data(base64Encoded: Data(digits)) else {
            throw UnresolvedTag(reason: "the value is no !!binary: not in base64")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private init(plain text: String) {
        guard let first = text.utf8.first else {
            self = .null
            return
        }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            self = Self.number(of: text) ?? .string(text)
        case _ where text.utf8.count <= 5: self = Self.word(text) ?? .string(text)
        default: self = .string(text)
        }
    }

    private static func word(_ text: String) -> Self? {
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": .boolean(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": .boolean(false)
        case "~", "null", "Null", "NULL": .null
        default: nil
        }
    }

    private static func number(of text: String) -> Self? {
        switch text {
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        default: break
        }
        let isFraction = text.utf8.first == UInt8(ascii: ".")
        let digits = isFraction ? text : String(decoding: text.utf8.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        if !isFraction, let integer = integer(of: digits[...]) { return integer }
        guard isDecimal(digits), let value = Double(digits), value.isFinite else { return nil }
        return .number(value)
    }

    /// A sign, then a number in base 16, 8 or 2 by its prefix (0x, 0o or 0, 0b), else in base 10.
    private static func integer(of text: Substring) -> Self? {
        let sign = text.prefix { $0 == "-" || $0 == "+" }
        let body = text.dropFirst(sign.count)
        guard sign.count < 2, let first = body.utf8.first, first != UInt8(ascii: "_") else { return nil }
        var radix = 10
        var digits = body
        if first == UInt8(ascii: "0"), body.utf8.count > 1 {
            switch body.utf8.dropFirst().first {
            case UInt8(ascii: "x"), UInt8(ascii: "X"): (radix, digits) = (16, body.dropFirst(2))
            case UInt8(ascii: "o"), UInt8(ascii: "O"): (radix, digits) = (8, body.dropFirst(2))
            case UInt8(ascii: "b"), UInt8(ascii: "B"): (radix, digits) = (2, body.dropFirst(2))
            default: (radix, digits) = (8, body.dropFirst())
            }
        }
        guard let start = digits.utf8.first, start != UInt8(ascii: "-"), start != UInt8(ascii: "+") else { return nil }
        if let value = Int64(sign == "-" ? "-" + digits : String(digits), radix: radix) { return .integer(value) }
        // Beyond 64 bits; what is no number in this base, such as 08, is left to the decimals.
        return nil
    }

    /// Digits with a point and an exponent, as in goyaml.v2's `yamlStyleFloat`.
    private static func isDecimal(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func skipSign() { if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest.removeFirst() } }
        func skipDigits() -> Int {
            let count = rest.count
            rest = rest.drop { (0x30...0x39).contains($0) }
            return count - rest.count
        }
        skipSign()
        let whole = skipDigits()
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = skipDigits()
        }
        guard whole + fraction > 0 else { return false }
        if let exponent = rest.first, exponent == UInt8(ascii: "e") || exponent == UInt8(ascii: "E") {
            rest.removeFirst()
            skipSign()
            guard skipDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
