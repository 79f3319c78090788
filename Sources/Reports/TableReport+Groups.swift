import Checks
import Findings
import NodeModel

/// The findings of one container, or of a pod or the node where no container tells.
struct FindingGroup {
    var pod: PodIdentity?
    var container: Finding.ContainerSummary?
    var findings: [Finding]

    /// Findings come worst first.
    var severity: Severity { findings.first?.severity ?? .info }

    /// Groups in the order of their pod's worst finding, a pod's containers side by side.
    static func groups(of findings: ArraySlice<Finding>) -> [FindingGroup] {
        var pods: [[FindingGroup]] = []
        var podNumbers: [String: Int] = [:]
        var places: [String: (pod: Int, group: Int)] = [:]
        for finding in findings {
            let container = finding.container?.id ?? ""
            let podKey = finding.pod.map { "pod \($0.key)" } ?? "container \(container)"
            let key = podKey + "\0" + container
            if let place = places[key] {
                pods[place.pod][place.group].findings.append(finding)
                continue
            }
            let number = podNumbers[podKey] ?? pods.count
            if number == pods.count { pods.append([]) }
            podNumbers[podKey] = number
            places[key] = (number, pods[number].count)
            pods[number].append(
                FindingGroup(pod: finding.pod, container: finding.container, findings: [finding]))
        }
        return pods.flatMap { $0 }
    }

    /// `namespace/pod  container name (image)`, unescaped.
    var title: String {
        guard pod != nil, let part else { return place }
        return "\(place)  \(part)" + (container?.image.map { " (\($0))" } ?? "")
    }

    /// The pod, or what there is instead of one, unescaped.
    var place: String {
        if let pod { return pod.displayName }
        return container.map { "container \($0.id.prefix(12)) (no pod)" } ?? "node"
    }

    /// Which container of the pod, unescaped; `nil` where none tells.
    var part: String? {
        container.map { $0.isSandbox && $0.name == nil ? "sandbox" : "container \($0.label)" }
    }
}

extension TableReport {
    /// The groups, those with nothing but info joined in one line at the end.
    var groupLines: [String] {
        let groups = FindingGroup.groups(of: findings)
        let infoOnly = report.options.showAllowed ? (keys: [], names: []) : podsWithOnlyInfo(groups)
        var lines: [String] = []
        for group in groups where group.pod.map({ !infoOnly.keys.contains($0.key) }) ?? true {
            lines += self.lines(group)
        }
        return lines + infoLines(infoOnly.names)
    }

    private func lines(_ group: FindingGroup) -> [String] {
        let label = group.severity.rawValue.uppercased()
        let title = LineWrap.hanging(
            label, indent: 10, TerminalText.escaped(group.title), width: width, keepingSpaces: true)
        var lines = paint(title, label, group.severity)
        for finding in group.findings.prefix(Self.findingsPerContainer) { lines += self.lines(finding) }
        let folded = group.findings.count - Self.findingsPerContainer
        if folded > 0 { lines.append("  … and \(NumberText.grouped(folded)) more (--format json)") }
        return lines
    }

    /// Three columns, or two lines where the terminal is too narrow for that.
    private func lines(_ finding: Finding) -> [String] {
        let bullet = "  ● " + finding.technique.id
        let detail = TerminalText.escaped(finding.detail)
        let declared = lastColumn(finding)
        let detailWidth = width - techniqueColumn - declaredColumn - 2
        guard detailWidth >= 24 else {
            let first = LineWrap.hanging("  ●", indent: 4, "\(finding.technique.id) (\(declared))", width: width)
            let space = String(repeating: " ", count: 6)
            let rest = LineWrap.lines(detail, width: width - 6, limit: Self.detailLines).map { space + $0 }
            return paint(first + (detail.isEmpty ? [] : rest), "  ●", finding.severity)
        }
        var lines = LineWrap.hanging(
            bullet, indent: techniqueColumn, detail, width: techniqueColumn + detailWidth, limit: Self.detailLines)
        lines[0] = DisplayWidth.padded(lines[0], to: techniqueColumn + detailWidth + 2) + declared
        return paint(lines, "  ●", finding.severity)
    }

    private func podsWithOnlyInfo(_ groups: [FindingGroup]) -> (keys: Set<String>, names: [String]) {
        var worst: [String: Severity] = [:]
        var order: [PodIdentity] = []
        for group in groups {
            guard let pod = group.pod else { continue }
            if worst[pod.key] == nil { order.append(pod) }
            worst[pod.key] = max(worst[pod.key] ?? .info, group.severity)
        }
        let pods = order.filter { worst[$0.key] == .info }
        return (Set(pods.map(\.key)), pods.map { TerminalText.escaped($0.displayName) })
    }

    private func infoLines(_ names: [String]) -> [String] {
        if names.isEmpty { return [] }
        let more = names.count - Self.namedPods
        let text =
            names.prefix(Self.namedPods).joined(separator: ", ")
            + (more > 0 ? " and \(NumberText.grouped(more)) more" : "") + " (--show-allowed)"
        return paint(LineWrap.hanging("INFO", indent: 10, text, width: width), "INFO", .info)
    }

    /// Colours the beginning of the first line, after everything was measured.
    private func paint(_ lines: [String], _ start: String, _ severity: Severity) -> [String] {
        guard report.options.colour, let first = lines.first, first.hasPrefix(start) else { return lines }
        let code =
            switch severity {
            case .critical: "1;31"
            case .high: "31"
            case .medium: "33"
            case .low: "36"
            case .info: "2"
            }
        return ["\u{1b}[\(code)m\(start)\u{1b}[0m" + first.dropFirst(start.count)] + lines.dropFirst()
    }
}
