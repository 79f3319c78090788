/// What is wrong with one field, in the form that the Kubernetes API gives it (apimachinery, `field.Error`).
package struct FieldError: Error, Sendable, Equatable {
    /// The field's path, such as `spec.containers[0].securityContext.privileged`.
    package let field: String
    package let kind: Kind
    /// Empty if the kind says it all.
    package let detail: String

    /// Values are texts as Go prints them.
    package enum Kind: Sendable, Equatable {
        case required
        case forbidden
        case invalid(value: String)
        case notSupported(value: String)
    }

    static func required(_ field: String, _ detail: String) -> FieldError {
        FieldError(field: field, kind: .required, detail: detail)
    }

    static func forbidden(_ field: String, _ detail: String) -> FieldError {
        FieldError(field: field, kind: .forbidden, detail: detail)
    }

    static func invalid(_ field: String, _ value: GoValue, _ detail: String) -> FieldError {
        FieldError(field: field, kind: .invalid(value: value.text), detail: detail)
    }

    static func notSupported(_ field: String, _ value: String, _ supported: [String]) -> FieldError {
        let list = supported.sorted().map { GoValue.string($0).text }.joined(separator: ", ")
        return FieldError(
            field: field, kind: .notSupported(value: GoValue.string(value).text), detail: "supported values: \(list)")
    }
}

extension FieldError: CustomStringConvertible {
    package var description: String {
        let body =
            switch kind {
            case .required: "Required value"
            case .forbidden: "Forbidden"
            case .invalid(let value): "Invalid value: \(value)"
            case .notSupported(let value): "Unsupported value: \(value)"
            }
        return "\(field): \(body)" + (detail.isEmpty ? "" : ": \(detail)")
    }
}

/// A value that an error of the API shows.
enum GoValue {
    case bool(Bool)
    case int(Int64)
    case string(String)
    case ints([Int64]?)
    case capabilities([String]?)
    /// A pointer that is nil, which errors show as a quoted word.
    case null

    /// The value as Go's `%v`, `%q` or `%#v` prints it, whichever `field.Error` takes for its type.
    var text: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .string(let value): Self.quoted(value)
        case .ints(nil): "[]int64(nil)"
        case .ints(let values?): "[]int64{\(values.map(String.init).joined(separator: ", "))}"
        case .capabilities(nil): "[]core.Capability(nil)"
        case .capabilities(let values?):
            "[]core.Capability{\(values.map(Self.quoted).joined(separator: ", "))}"
        case .null: #""null""#
        }
    }

    private static func quoted(_ value: String) -> String {
        "\"\(value.unicodeScalars.map(escaped).joined())\""
    }

    /// One character as `strconv.Quote` writes it.
    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\u{07}": return "\\a"
        case "\u{08}": return "\\b"
        case "\u{0C}": return "\\f"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{0B}": return "\\v"
        default: break
        }
        if isPrintable(scalar) { return String(scalar) }
        let hexadecimal = String(scalar.value, radix: 16)
        let (prefix, width) =
            scalar.value < 0x80 ? ("\\x", 2) : scalar.value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
        return prefix + String(repeating: "0", count: width - hexadecimal.count) + hexadecimal
    }

    /// Letters, marks, numbers, punctuation, symbols and the ASCII space (`unicode.IsPrint`).
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
