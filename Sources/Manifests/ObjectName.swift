/// What the API server says of the name of an object (apimachinery, `validation.IsDNS1123Subdomain`) or of a container
/// (`validation.IsDNS1123Label`).
enum ObjectName {
    /// What is wrong with a name; `nil` for a valid one.
    ///
    /// The end of a prefix for generated names (`generateName`) may be a `-`.
    static func problem(_ name: String, isPrefix: Bool = false) -> String? {
        let checked = isPrefix && name.hasSuffix("-") ? name.dropLast() + "a" : name
        return problem(name, bytes: (checked.utf8.count, 253), isSubdomain(checked) ? nil : subdomainRule)
    }

    /// What is wrong with the name of a container; `nil` for a valid one.
    static func containerProblem(_ name: String) -> String? {
        problem(name, bytes: (name.utf8.count, 63), isLabel(name.utf8[...]) ? nil : labelRule)
    }

    private static func problem(_ name: String, bytes: (count: Int, limit: Int), _ broken: String?) -> String? {
        let length = bytes.count > bytes.limit ? "must be no more than \(bytes.limit) bytes" : nil
        let problems = [length, broken].compactMap { $0 }
        guard !problems.isEmpty else { return nil }
        let shown = name.count > 300 ? name.prefix(300) + "…" : name
        return problems.map { "Invalid value: \"\(shown)\": \($0)" }.joined(separator: ", ")
    }

    private static let subdomainRule = """
        a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start \
        and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
        '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
        """

    private static let labelRule = """
        a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
        with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
        '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
        """

    private static func isSubdomain(_ name: String) -> Bool {
        name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        guard let first = label.first, let last = label.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
