import FoundationEssentials

/// A JSON value; unknown is `null` and written, never left out.
package enum JSONValue: Codable, Sendable, Equatable {
    case null
    case flag(Bool)
    case number(Int64)
    case real(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(_ text: String?) { self = text.map(JSONValue.text) ?? .null }

    init(_ number: (some BinaryInteger)?) { self = number.map { .number(Int64(clamping: $0)) } ?? .null }

    init(_ list: [String]) { self = .array(list.map(JSONValue.text)) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let real = try? container.decode(Double.self) {
            self = .real(real)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let array = try? container.decode([JSONValue].self) {
            self = .array(array)
        } else if let object = try? container.decode([String: JSONValue].self) {
            self = .object(object)
        } else {
            self = .null
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .number(let number): try container.encode(number)
        case .real(let real): try container.encode(real)
        case .text(let text): try container.encode(text)
        case .array(let array): try container.encode(array)
        case .object(let object): try container.encode(object)
        }
    }
}

/// Writes JSON in one line, the same for the same value, with no character in it that a terminal would not show.
package enum JSONText {
    /// The text of a value, members in the order of their names.
    package static func encode(_ value: JSONValue) throws(ReportError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return escaped(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            throw .encoding(reason: "\(error)")
        }
    }

    /// The value of a text; `nil` where it is no JSON.
    static func decode(_ text: String) -> JSONValue? {
        try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    /// An object of members that are JSON text already, in the order of their names.
    package static func object(_ members: [String: String]) -> String {
        let text = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return "{" + text.joined(separator: ",") + "}"
    }

    /// JSON text with every unsafe character as `\uXXXX`; outside of strings JSON has none.
    package static func escaped(_ json: String) -> String {
        guard json.utf8.contains(where: { $0 >= 0x7F }) else { return json }
        var result = ""
        result.reserveCapacity(json.utf8.count + 16)
        for scalar in json.unicodeScalars {
            guard scalar.value >= 0x7F, TerminalText.isUnsafe(scalar) else {
                result.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let hex = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            }
        }
        return result
    }
}
