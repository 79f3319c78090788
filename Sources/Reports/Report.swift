package import Checks
package import Findings
package import NodeModel

/// What a scan comes to.
package enum Verdict: String, Sendable, Codable, CaseIterable {
    /// Everything was judged, and nothing is as bad as what fails.
    case clean
    /// At least one finding is as bad as what fails.
    case findings
    /// No such finding, but something could not be judged.
    case incomplete
}

/// A judgement as it is reported: narrowed to what was asked for, counted, with its verdict.
///
/// Made without a clock: the same for the same node, byte for byte.
package struct Report: Sendable {
    package let node: Node
    package private(set) var options: ReportOptions
    /// The findings asked for, worst first, those that are not shown included.
    package let selected: [Finding]
    /// The ones that are shown.
    package let shown: [Finding]
    /// The ids of the techniques that the judgement speaks of.
    let judged: Set<String>
    /// What could not be judged; also a selection that names no pod of the node.
    package private(set) var gaps: [Gap]
    package let counts: Counts
    /// Entries of the operator's allow-list that count no more.
    package let expiredAllowances: [String]
    /// Entries of the operator's allow-list that lowered nothing.
    package let unusedAllowances: [String]
    /// Members of the JSON form that are cut because an output is limited, in ascending order.
    package private(set) var shortened: [String] = []

    /// How much was looked at.
    package struct Counts: Sendable, Equatable {
        /// Pods that containers or findings name.
        package var pods = 0
        package var containers = 0
        /// Main threads, those of the kernel included.
        package var processes = 0
        /// All tasks, main threads included.
        package var threads = 0
        package var endedWhileRead = 0
        package var findings: [Severity: Int] = [:]
        /// Pods with a finding.
        package var podsWithFindings = 0
        /// Findings that belong to no pod.
        package var outsidePods = 0
    }

    /// - Parameter allowList: the operator's, with which the judgement was made.
    package init(_ judgement: Judgement, _ options: ReportOptions, allowList: AllowList = AllowList()) {
        let selection = Selection(options)
        let index = NodeIndex(judgement.node, hostPaths: false)
        let findings = judgement.findings.filter { selection.includes($0.pod) }
        node = judgement.node
        self.options = options
        judged = judgement.judged
        selected = findings
        shown = findings.filter { $0.severity >= options.minSeverity }
        expiredAllowances = allowList.expired(at: judgement.node.takenAt)
        unusedAllowances = allowList.unused(by: judgement, at: judgement.node.takenAt)
        hidden = judgement.findings.count - shown.count
        counts = Counts(index, findings, selection)
        gaps = judgement.gaps + selection.gaps(selectedPods: counts.pods, judgement.findings)
    }

    /// Findings of the node that are not shown: of other pods than asked for, or below `minSeverity`.
    package let hidden: Int

    package var verdict: Verdict {
        if let failOn = options.failOn, selected.contains(where: { $0.severity >= failOn }) { return .findings }
        return gaps.isEmpty ? .clean : .incomplete
    }

    /// The exit status that tells the verdict: 0 clean, 1 findings, 3 incomplete.
    package var exitCode: Int32 {
        switch verdict {
        case .clean: 0
        case .findings: 1
        case .incomplete: 3
        }
    }
}

extension Report {
    /// The report with a frame of bounded size; `nil` where nothing is left to cut.
    ///
    /// Names that a container chose are among the examples of gaps: they must not keep findings out of a limited output.
    var abridged: Report? {
        var copy = self
        copy.gaps = gaps.abridged
        if copy.gaps != gaps { copy.shortened.append("gaps") }
        if hostTasks?.isEmpty == false {
            copy.shortened.append("hostTasks")
            copy.options.showHost = false
        }
        return copy.shortened == shortened ? nil : copy
    }
}

extension Report.Counts {
    init(_ index: NodeIndex, _ findings: [Finding], _ selection: Selection) {
        let node = index.node
        let pods = Set(index.pods.map(\.identity).filter(selection.includes).map(\.key))
        let named = Set(findings.compactMap { $0.pod?.key })
        self.pods = pods.union(named).count
        podsWithFindings = named.count
        outsidePods = findings.count { $0.pod == nil }
        endedWhileRead = node.endedWhileRead
        for finding in findings { self.findings[finding.severity, default: 0] += 1 }
        let included = node.containers.indices.map { container in
            selection.includes(index.podOfContainer[container].map { index.pods[$0].identity })
        }
        containers = included.count { $0 }
        for task in node.tasks {
            guard task.container.map({ included[$0] }) ?? selection.isEverything else { continue }
            threads += 1
            if task.isMainThread { processes += 1 }
        }
    }
}
