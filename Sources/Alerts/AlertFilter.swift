package import Checks

/// Which records somebody is told of.
package struct AlertFilter: Sendable {
    private let minSeverity: Severity
    private let techniques: [NamePattern]
    private let namespaces: [NamePattern]

    /// - Parameters:
    ///   - techniques: patterns of ids, of which one has to match; none for every technique.
    ///   - namespaces: patterns of Kubernetes namespaces, of which one has to match; none for every record, those
    ///     without a namespace included.
    package init(minSeverity: Severity = .info, techniques: [NamePattern] = [], namespaces: [NamePattern] = []) {
        self.minSeverity = minSeverity
        self.techniques = techniques
        self.namespaces = namespaces
    }

    /// A severity that is not known is never too low.
    package func passes(_ alert: Alert) -> Bool {
        if let severity = alert.severity, severity < minSeverity { return false }
        if !techniques.isEmpty, !techniques.contains(where: { $0.matches(alert.technique) }) { return false }
        if namespaces.isEmpty { return true }
        guard let namespace = alert.namespace else { return false }
        return namespaces.contains { $0.matches(namespace) }
    }
}
