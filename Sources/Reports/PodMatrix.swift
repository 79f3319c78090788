import Checks
import Findings
import NodeModel

/// Pods against the areas of the node's state: what was found of each, nothing, or that it could not be judged.
struct PodMatrix {
    /// The areas that a check of the scan looks at.
    let areas: [HostArea]
    /// What has a finding, worst first, and then the pods of which a part was not judged.
    let rows: [Row]
    /// The pods of which everything was judged and nothing found, by name.
    let quietPods: [String]
    /// The pods of which no area was judged as a whole, and nothing found, by name.
    let unjudgedPods: [String]

    struct Row {
        /// Unescaped.
        var name: String
        /// One an area.
        var cells: [Cell]

        func isAll(_ cell: Cell) -> Bool { cells.allSatisfy { $0 == cell } }
    }

    enum Cell: Equatable {
        /// Everything was judged and nothing found.
        case nothing
        /// Nothing was found where there may be something.
        case notJudged
        /// Some findings, with the worst of them.
        case found(Finding, count: Int)
    }

    init(_ report: Report) {
        let checks = Dictionary(grouping: Self.checks(of: report)) { HostArea(of: $0.technique) }
        let found = Set(report.selected.map { HostArea(of: $0.technique) })
        let areas = HostArea.allCases.filter { found.contains($0) || checks[$0] != nil }
        let blindSpots = BlindSpots(
            Judgement(node: report.node, findings: [], gaps: report.gaps, judged: report.judged))
        let places = Place.all(of: report)
        let rows = places.map { place in
            Row(
                name: place.name,
                cells: areas.map { area in
                    if let found = place.found[area] { return .found(found.worst, count: found.count) }
                    let isHidden = checks[area, default: []].contains { place.isHidden($0, blindSpots) }
                    return isHidden ? .notJudged : .nothing
                })
        }
        self.areas = areas
        self.rows = rows.filter { !$0.isAll(.nothing) && !$0.isAll(.notJudged) }
        quietPods = rows.filter { $0.isAll(.nothing) }.map(\.name)
        unjudgedPods = rows.filter { !$0.isAll(.nothing) && $0.isAll(.notJudged) }.map(\.name)
    }

    /// The checks that the scan was to run, without those that compare with the API where that was not asked.
    private static func checks(of report: Report) -> [Check] {
        let lacksInput = report.gaps.contains { $0.kind == .check }
        let isWithoutAPI = report.node.apiPods == nil
        return Check.all.filter { check in
            (lacksInput || report.judged.contains(check.technique.id)) && !(check.needsAPI && isWithoutAPI)
        }
    }
}

/// What findings are of: a pod, a container without one, or the node.
private struct Place {
    var name: String
    /// The ids of its containers.
    var containers: [String] = []
    var found: [HostArea: (worst: Finding, count: Int)] = [:]

    /// Those with a finding, worst first, and then the other pods by name.
    static func all(of report: Report) -> [Place] {
        var places: [Place] = []
        var numbers: [String: Int] = [:]
        func number(_ key: String, _ name: String) -> Int {
            if let number = numbers[key] { return number }
            numbers[key] = places.count
            places.append(Place(name: name))
            return places.count - 1
        }
        for finding in report.selected {
            let group = FindingGroup(pod: finding.pod, container: finding.container, findings: [])
            let number = number(group.pod.map { "pod \($0.key)" } ?? group.place, group.place)
            let area = HostArea(of: finding.technique)
            let known = places[number].found[area]
            places[number].found[area] = (known?.worst ?? finding, (known?.count ?? 0) + 1)
            if finding.pod == nil { places[number].containers = [finding.container?.id].compactMap { $0 } }
        }
        let withFindings = places.count
        let index = NodeIndex(report.node, hostPaths: false)
        let selection = Selection(report.options)
        for pod in index.pods where selection.includes(pod.identity) {
            let number = number("pod \(pod.identity.key)", pod.identity.displayName)
            let members = pod.containers + [pod.sandbox].compactMap { $0 } + pod.secondSandboxes
            places[number].containers += members.map { report.node.containers[$0].id }
        }
        return places.prefix(withFindings) + places.dropFirst(withFindings).sorted { $0.name < $1.name }
    }

    /// Whether the check may have missed something here.
    func isHidden(_ check: Check, _ blindSpots: BlindSpots) -> Bool {
        if containers.isEmpty { return blindSpots.hide(check, ofContainer: nil, ofTask: true) }
        return containers.contains { blindSpots.hide(check, ofContainer: $0, ofTask: true) }
    }
}
