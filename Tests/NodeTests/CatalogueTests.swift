import BenchSupport
import Foundation
import Testing

extension RealNodes {
    /// Each technique that can be made safely, made on each kind of node, judged by a scan and by the daemon.
    @Suite(.enabled(if: Bench.hasGuests, Bench.guestReason)) struct CatalogueTests {
        @Test(arguments: NodeKind.all) func techniques(kind: NodeKind) throws {
            let program = try CompiledProgram(Situation.program)
            try kind.with { node in
                try node.succeed("sh", "-c", "cat >/run/act; chmod 755 /run/act", input: try program.contents)
                try node.installUnits()
                try node.succeed(
                    "sh", "-c", "echo '{api: {enabled: false}, scan: {period: 10s}}' >/etc/breakoutd/config.yaml")
                try node.succeed("systemctl", "start", "breakoutd")
                let made = try Situation.all.filter { $0.isPossible(kind) }.map { try $0.make(on: node) }
                let report = try node.scan { report in made.allSatisfy { $0.isTold(in: report) } }
                for one in made { judge(one, report, kind) }
                try judge(made, by: node, kind)
            }
            try TechniqueTable.shared.write()
        }

        /// By the scan: what it says of the pod, and of which task.
        private func judge(_ made: Made, _ report: ScanReport, _ kind: NodeKind) {
            let (situation, pod) = (made.situation, made.pod)
            let found = report.findings(of: pod)
            #expect(
                Set(found.map(\.technique)) == Set(situation.findings), "\(situation.name) on \(kind.testDescription)")
            let sign = found.first { $0.technique == situation.sign && situation.isOver == nil }
            if let sign {
                #expect(sign.task?.pid == made.pid && sign.container?.id == pod.container, "\(situation.name)")
                if case .program("thread") = situation.act { #expect(sign.task?.tid != made.pid) }
            }
            let words = sign.map { "found: \(evidence(of: $0))" }
            let isSilent = situation.sign == nil && Set(found.map(\.technique)) == Set(situation.findings)
            let reason = situation.isOver.map { "not visible to a scan, as \($0)" }
            TechniqueTable.shared.put(words ?? reason ?? (isSilent ? "silent" : "NOT AS IT SHOULD BE"), situation, kind)
        }

        /// The detail without what differs from one run to the next.
        private func evidence(of finding: ScanReport.Finding) -> String {
            finding.detail.replacing(/[0-9]+/, with: "N").replacing("|", with: "/")
        }

        /// By the daemon: every sign is in the journal, with the right pod.
        private func judge(_ made: [Made], by node: SystemdNode, _ kind: NodeKind) throws {
            let told = made.filter { $0.situation.sign != nil }
            func isIn(_ entries: [[String: String]], _ one: Made) -> Bool {
                entries.contains {
                    $0["BREAKOUTD_TECHNIQUE"] == one.situation.sign && $0["BREAKOUTD_POD_UID"] == one.pod.uid
                }
            }
            let entries = try node.awaitJournal { entries in told.allSatisfy { isIn(entries, $0) } }
            for one in made where one.situation.sign == nil {
                let techniques = Set(
                    entries.filter { $0["BREAKOUTD_POD_UID"] == one.pod.uid }.map { $0["BREAKOUTD_TECHNIQUE"] })
                #expect(techniques == Set(one.situation.findings), "\(one.situation.name)")
            }
        }
    }
}

/// A situation on a node.
private struct Made {
    var situation: Situation
    var pod: BenchPod
    /// The process that it is about.
    var pid: Int32?

    func isTold(in report: ScanReport) -> Bool {
        Set(report.techniques(of: pod)).isSuperset(of: situation.findings)
    }
}

extension Situation {
    fileprivate func make(on node: SystemdNode) throws -> Made {
        var words = [name] + options
        switch act {
        case .first(let script): words += ["--", "sh", "-c", script]
        case .program(let word): words += ["--mount", "/run/act:/act:ro", "--", "/act", word]
        case .none, .later, .onNode: break
        }
        let pod = try node.pod(words)
        var made = Made(situation: self, pod: pod, pid: pod.pid)
        switch act {
        case .later(let script):
            let exec = ["pod", "-s", SystemdNode.socket, "exec", pod.container, "--", "sh", "-c", script]
            let output = try Bench.succeed(node.command(exec)).text
            made.pid = Int32(output.trimmingCharacters(in: .whitespacesAndNewlines))
        case .onNode(let script): try node.succeed("sh", "-ec", script, "node", "\(pod.pid ?? 0)")
        case .none, .first, .program: break
        }
        return made
    }
}
