import Checks
import NodeModel

extension Finding {
    /// What an act left just before the scan or while it went on.
    ///
    /// The act is told first, or the next scan tells this. Much is gone by then, such as what a package manager puts beside
    /// a program that it replaces.
    func isYoung(in node: Node) -> Bool {
        guard nodeFile != nil, case .number(let changed)? = evidence["changedAt"] else { return false }
        return changed <= node.takenAt + node.duration / 1000 && changed > node.takenAt - FindingLedger.actTime
    }

    /// Of this change of a file of the node was told: what the file looks like after it is no news, and accuses nobody
    /// else who could have written it.
    func isTold(by filesTold: [String: [OpenFinding]]) -> Bool {
        guard let nodeFile else { return false }
        return filesTold[nodeFile, default: []].contains { earlier in
            // Changed again since, by whom nobody saw.
            if case .number(let changed)? = evidence["changedAt"], changed > earlier.lastSeen + FindingLedger.actTime {
                return false
            }
            let isOfOther = earlier.finding.container?.id != container?.id
            return earlier.told.map { $0 >= severity } ?? false
                || isOfOther && earlier.finding.technique.findingClass == .action
        }
    }
}

extension OpenFindings {
    /// The findings, by their ids, after which another of the same technique and file of the node was told that is no less
    /// urgent.
    var retold: Set<String> {
        var retold: Set<String> = []
        for findings in filesTold.values {
            var latest: [String: Severity] = [:]
            for entry in findings.sorted(by: { ($1.lastSeen, $1.finding.id) < ($0.lastSeen, $0.finding.id) }) {
                guard let told = entry.told else { continue }
                let technique = entry.finding.technique.id
                if let later = latest[technique], later >= told { retold.insert(entry.finding.id) }
                latest[technique] = max(latest[technique] ?? told, told)
            }
        }
        return retold
    }
}
