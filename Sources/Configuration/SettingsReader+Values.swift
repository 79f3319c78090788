import Checks
import FoundationEssentials
import Manifests

/// The kinds of values that settings have.
extension SettingsReader {
    mutating func flag(_ key: String) throws(ConfigurationError) -> Bool? {
        try read(key, "true or false") { node in
            if case .boolean(let value) = node.content { value } else { nil }
        }
    }

    /// A text that is not empty; a number or a word such as `n`, which is false in YAML 1.1, has to stand in quotes.
    mutating func text(_ key: String) throws(ConfigurationError) -> String? {
        try read(key, "a text, in quotes where YAML reads it otherwise") { $0.string.flatMap { $0.isEmpty ? nil : $0 } }
    }

    mutating func texts(_ key: String) throws(ConfigurationError) -> [String]? {
        try read(key, "a list of texts") { node in
            let texts = node.elements?.map { $0.string.flatMap { $0.isEmpty ? nil : $0 } }
            return texts.flatMap { $0.contains(nil) ? nil : $0.compactMap { $0 } }
        }
    }

    mutating func numbers(_ key: String) throws(ConfigurationError) -> [Int64]? {
        try read(key, "a list of numbers") { node in
            let numbers = node.elements?.map { element -> Int64? in
                if case .integer(let value) = element.content { Int64(exactly: value) } else { nil }
            }
            return numbers.flatMap { $0.contains(nil) ? nil : $0.compactMap { $0 } }
        }
    }

    mutating func absolutePath(_ key: String) throws(ConfigurationError) -> String? {
        try read(key, "an absolute path") { Self.absolutePath($0) }
    }

    mutating func absolutePaths(_ key: String) throws(ConfigurationError) -> [String]? {
        try read(key, "a list of absolute paths") { node in
            let paths = node.elements?.map(Self.absolutePath)
            return paths.flatMap { $0.contains(nil) ? nil : $0.compactMap { $0 } }
        }
    }

    mutating func severity(_ key: String) throws(ConfigurationError) -> Severity? {
        let names = Severity.allCases.map(\.rawValue).joined(separator: ", ")
        return try read(key, "one of \(names)") { $0.string.flatMap(Severity.init) }
    }

    mutating func count(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        try read(key, "a number from \(range.lowerBound) to \(range.upperBound)") { node in
            guard case .integer(let value) = node.content, let number = Int(exactly: value) else { return nil }
            return range.contains(number) ? number : nil
        }
    }

    /// Milliseconds; a number alone is seconds, as for systemd.
    mutating func duration(_ key: String, in range: ClosedRange<Int64>) throws(ConfigurationError) -> Int64? {
        let bounds = "\(range.lowerBound / 1000)s to \(range.upperBound / 1000)s"
        return try read(key, "a duration such as 90s or 1m 30s, from \(bounds)") { node in
            Self.quantity(node, of: 1000, Quantity.milliseconds).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Bytes; a number alone is bytes.
    mutating func size(_ key: String, in range: ClosedRange<Int64>) throws(ConfigurationError) -> Int64? {
        let bounds = "\(range.lowerBound >> 10)KiB to \(range.upperBound >> 10)KiB"
        return try read(key, "a size such as 16MiB, from \(bounds)") { node in
            Self.quantity(node, of: 1, Quantity.bytes).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    private static func quantity(_ node: ManifestNode, of unit: Int64, _ parse: (String) -> Int64?) -> Int64? {
        switch node.content {
        case .integer(let value):
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: unit)
            return isTooLarge ? nil : product
        case .string(let text): return parse(text)
        default: return nil
        }
    }

    private static func absolutePath(_ node: ManifestNode) -> String? {
        node.string.flatMap { $0.hasPrefix("/") && $0.utf8.count < 4096 && !$0.utf8.contains(0) ? $0 : nil }
    }

    /// Milliseconds since 1970-01-01 UTC of the beginning of a day there.
    mutating func day(_ key: String) throws(ConfigurationError) -> Int64? {
        try read(key, "a day such as 2027-01-31") { node in
            guard let text = node.string, let date = try? Date.ISO8601FormatStyle().parse("\(text)T00:00:00Z"),
                // Foundation takes 31 February for 3 March.
                date.formatted(.iso8601) == "\(text)T00:00:00Z"
            else { return nil }
            return Int64(exactly: date.timeIntervalSince1970 * 1000)
        }
    }

    /// Values by the names of a finding's evidence; a list stands for any of its values.
    mutating func evidence(_ key: String) throws(ConfigurationError) -> [String: [EvidenceValue]] {
        let values: [String: [EvidenceValue]]? = try read(key, "a mapping of names to values") { node in
            var values: [String: [EvidenceValue]] = [:]
            for entry in node.entries ?? [] {
                let elements = entry.value.elements ?? [entry.value]
                let found = elements.compactMap(EvidenceValue.init)
                guard !found.isEmpty, found.count == elements.count else { return nil }
                values[entry.key] = found
            }
            return node.entries == nil ? nil : values
        }
        return values ?? [:]
    }
}

extension EvidenceValue {
    fileprivate init?(_ node: ManifestNode) {
        switch node.content {
        case .boolean(let value): self = .flag(value)
        case .integer(let value): self = .number(value)
        case .string(let value): self = .text(value)
        case .null, .number, .mapping, .sequence: return nil
        }
    }
}
