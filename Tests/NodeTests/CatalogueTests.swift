import BenchSupport
import Foundation
import Testing

extension RealNodes {
    /// Each technique that can be made safely, made on each kind of node, judged by a scan and by the daemon.
    @Suite(.enabled(if: Bench.hasGuests, Bench.guestReason)) struct CatalogueTests {
        @Test(arguments: NodeKind.all) func techniques(kind: NodeKind) throws {
            try kind.with { node in
                try node.prepare(kind)
                try node.installUnits()
                try node.succeed(
                    "sh", "-c", "echo '{api: {enabled: false}, scan: {period: 10s}}' >/etc/breakoutd/config.yaml")
                try node.succeed("breakoutd", "baseline")
                try node.succeed("systemctl", "start", "breakoutd")
                let made = try node.make(Situation.all.filter { $0.absence(kind) == nil })
                let pods = Dictionary(grouping: made, by: \.container).values.sorted {
                    $0[0].container < $1[0].container
                }
                let report = try node.scan("--timeout", "110") { report in
                    pods.allSatisfy { Self.isTold($0, in: report) }
                }
                // The pod of kubectl-debug-node has no process in its own root, and what release-agent-unmounted left is
                // to be told.
                let gaps = report.gaps.filter { !$0.reason.hasPrefix("no task of the mount namespace has its root") }
                let isToldOf = gaps.map { $0.reason.hasSuffix("hierarchy that is mounted nowhere") }
                #expect(isToldOf == (kind.isGuest ? [true] : []), "\(gaps)")
                for pod in pods { judge(pod, report) }
                let entries = try journal(of: node, telling: made)
                for pod in pods { judge(pod, entries) }
                for one in made {
                    TechniqueTable.shared.put(words(one, report, entries), one.situation, kind)
                }
            }
            for situation in Situation.all {
                guard let reason = situation.absence(kind) else { continue }
                TechniqueTable.shared.put("not made here: \(reason)", situation, kind)
            }
            try TechniqueTable.shared.write()
        }

        // MARK: - By a scan

        private static func expected(_ pod: [Made]) -> Set<String> { Set(pod.flatMap(\.situation.findings)) }

        private static func isTold(_ pod: [Made], in report: ScanReport) -> Bool {
            Set(pod[0].findings(in: report).map(\.technique)) == expected(pod)
                && pod.allSatisfy {
                    $0.situation.sign == nil || $0.situation.isOver != nil || $0.sign(in: report) != nil
                }
        }

        /// What it says of a pod, no more and no less, and of which task.
        private func judge(_ pod: [Made], _ report: ScanReport) {
            let found = pod[0].findings(in: report)
            let names = pod.map(\.situation.name).joined(separator: ", ")
            #expect(Set(found.map(\.technique)) == Self.expected(pod), "\(names): \(found.map(\.detail))")
            for one in pod where one.situation.sign != nil && one.situation.isOver == nil {
                let sign = one.sign(in: report)
                let others = found.filter { $0.technique == one.situation.sign }
                let isFound = sign != nil
                #expect(
                    isFound,
                    "\(one.situation.name), pid \(one.pid ?? 0): \(others.map { "\($0.task?.pid ?? 0) \($0.detail)" })")
                if one.situation.name == "thread-only-setns" { #expect(sign?.task?.tid != one.pid) }
            }
        }

        // MARK: - By the daemon

        /// Its entries once every sign is among them, or when the time is up.
        private func journal(of node: SystemdNode, telling made: [Made]) throws -> [[String: String]] {
            let signs = made.filter { $0.situation.sign != nil }
            do {
                return try node.awaitJournal { entries in signs.allSatisfy { $0.isTold(in: entries) } }
            } catch {
                Issue.record(error)
                return try node.journal()
            }
        }

        private func judge(_ pod: [Made], _ entries: [[String: String]]) {
            for one in pod where one.situation.sign != nil {
                let technique = one.situation.deed ?? one.situation.sign
                let own = entries.filter { $0["BREAKOUTD_TECHNIQUE"] == technique && one.isOfThis($0) }
                let isTold = one.isTold(in: entries)
                #expect(
                    isTold,
                    "\(one.situation.name), pid \(one.pid ?? 0): the daemon says \(own.map { $0["MESSAGE"] ?? "" })")
            }
            guard pod.allSatisfy({ $0.situation.sign == nil }) else { return }
            let techniques = entries.filter(pod[0].isOfThis).compactMap { $0["BREAKOUTD_TECHNIQUE"] }
            #expect(Set(techniques) == Self.expected(pod), "\(pod[0].situation.name)")
        }

        // MARK: - In the table

        private func words(_ made: Made, _ report: ScanReport, _ entries: [[String: String]]) -> String {
            let situation = made.situation
            if situation.sign == nil {
                if let reason = situation.unseen { return "not visible, as \(reason)" }
                return Self.isTold([made], in: report) || situation.findings.isEmpty ? "silent" : "NOT AS IT SHOULD BE"
            }
            guard made.isTold(in: entries) else { return "NOT AS IT SHOULD BE" }
            if let reason = situation.isOver { return "not visible to a scan, as \(reason)" }
            return made.sign(in: report).map { "found: \(evidence(of: $0))" } ?? "NOT AS IT SHOULD BE"
        }

        /// The detail without what differs from one run to the next.
        private func evidence(of finding: ScanReport.Finding) -> String {
            finding.detail.replacing(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}|[0-9]+/, with: "N")
                .replacing("|", with: "/")
        }
    }
}
