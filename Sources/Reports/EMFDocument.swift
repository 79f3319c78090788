import NodeModel

/// One document of the CloudWatch embedded metric format, in one line.
struct EMFDocument {
    /// A name and its value, `nil` where it is unknown.
    typealias Dimension = (name: String, value: String?)
    typealias Metric = (name: String, unit: String, value: JSONValue)

    /// The most dimensions of a set (CloudWatch embedded metric format specification).
    static let dimensionLimit = 30

    /// Milliseconds since 1970-01-01 UTC.
    var time: Int64
    /// Sets of dimensions, the most important ones first in each.
    var dimensionSets: [[Dimension]]
    var metrics: [Metric]
    /// The log group that the CloudWatch agent is to use; `nil` where the line does not go through its socket.
    var logGroup: String?
    /// Further members, as JSON text.
    var members: [String: String] = [:]

    /// The document as text.
    ///
    /// A value that CloudWatch does not take for a dimension makes it drop all of them in silence: such a dimension is
    /// left out of its set, never replaced, and is a plain member of the document unless it is blank. Of a set with too
    /// many, the first ones are its dimensions and the rest plain members.
    func line() throws(ReportError) -> String {
        var members = members
        for (name, value) in dimensionSets.joined() {
            guard let value, value.contains(where: { !$0.isWhitespace }) else { continue }
            members[name] = try JSONText.encode(.text(value))
        }
        for metric in metrics { members[metric.name] = try JSONText.encode(metric.value) }
        members["_aws"] = try JSONText.encode(metadata)
        return JSONText.object(members)
    }

    private var metadata: JSONValue {
        let directive = JSONValue.object([
            "Namespace": .text(EMFReport.namespace),
            "Dimensions": .array(declaredSets.map { JSONValue($0) }),
            "Metrics": .array(metrics.map { .object(["Name": .text($0.name), "Unit": .text($0.unit)]) }),
        ])
        var members: [String: JSONValue] = ["Timestamp": .number(time), "CloudWatchMetrics": .array([directive])]
        if let logGroup { members["LogGroupName"] = .text(logGroup) }
        return .object(members)
    }

    /// The names of the sets as they are declared: none twice, and an empty one only where there is no other.
    private var declaredSets: [[String]] {
        var declared: [[String]] = []
        for set in dimensionSets {
            let names = set.filter { Self.isUsable($0.value) }.prefix(Self.dimensionLimit).map(\.name)
            if !names.isEmpty, !declared.contains(names) { declared.append(names) }
        }
        return declared.isEmpty ? [[]] : declared
    }

    /// Visible ASCII and spaces, not only those, 1 to 1024 characters (CloudWatch API reference, Dimension).
    static func isUsable(_ value: String?) -> Bool {
        guard let value, (1...1024).contains(value.utf8.count) else { return false }
        return value.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && value.utf8.contains { $0 != 0x20 }
    }
}
