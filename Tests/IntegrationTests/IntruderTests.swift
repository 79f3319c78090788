import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Processes that the node puts into a container, in each way that leaves another trace.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct IntruderTests {
        /// Puts the process of the first argument into every cgroup of the process that is argument 0.
        static let joinGroups = """
            while IFS=: read -r number names path; do
                for folder in "/sys/fs/cgroup/${names#name=}" /sys/fs/cgroup/unified /sys/fs/cgroup; do
                    [ ! -w "$folder$path/cgroup.procs" ] || { echo $1 >"$folder$path/cgroup.procs"; break; }
                done
            done </proc/$0/cgroup 2>/dev/null
            """

        /// Joins every cgroup of a process, then the namespaces that the options of nsenter name, and says so.
        private static func intruder(
            into pid: Int32, _ namespaces: [String]
        ) throws -> (program: RunningProgram, hasArrived: Announcement) {
            let arrived = try Announcement()
            // The shell's last command takes its place, and keeps its process id as nothing forks.
            let script = """
                set -- $$ "$@"
                \(joinGroups)
                fifo=$2; shift 2
                exec 9>"$fifo"
                # Whatever else it had open would be told, too.
                exec nsenter -t $0 "$@" -- /bin/sh -c 'echo arrived >&9; exec 9>&-; exec /bin/sleep 1d' \\
                    </dev/null >/dev/null 2>&1
                """
            let program = try Bench.start(["bash", "-c", script, "\(pid)", arrived.path] + namespaces)
            return (program, arrived)
        }

        /// It is in the container's cgroup and namespaces, with the capabilities of the node's root.
        @Test func capabilitiesBeyondTheRecord() throws {
            try ContainerdNode.with { node in
                let beside = try node.pod("beside", ExposureTests.quiet)
                let pod = try node.pod("host", ExposureTests.quiet)
                let intruder = try Self.intruder(into: try #require(pod.pid), ["-m", "-u", "-n", "-i"])
                defer { intruder.program.terminate() }
                #expect(try intruder.hasArrived.line() == "arrived")
                let report = try node.scan().report
                let finding = try #require(
                    report.findings(of: pod).first { $0.technique == "capabilities-beyond-bundle" })
                #expect(finding.task?.pid == intruder.program.processIdentifier)
                #expect(finding.severity == "critical" && finding.declared == "undeclared")
                #expect(finding.evidence["thread"] == .flag(false))
                guard case .list(let names)? = finding.evidence["capabilities"] else {
                    Issue.record("no list of capabilities")
                    return
                }
                #expect(names.contains { $0.contains("SYS_ADMIN") } && !names.contains { $0.contains("CHOWN") })
                #expect(report.techniques(of: beside) == [])
                #expect(report.findings(of: pod).allSatisfy { $0.container?.id == pod.container })
                // Of the host's namespaces it kept the PID namespace alone.
                #expect(
                    Set(report.techniques(of: pod)).isSubset(of: [
                        "capabilities-beyond-bundle", "entered-host-pid-namespace", "seccomp-unconfined",
                    ]))
            }
        }

        /// A record without UTS namespace, as its sandbox's, and a process in the host's.
        @Test func hostUTS() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("named", ExposureTests.quiet)
                for container in [pod.container, pod.pod] {
                    try node.editNamespaces(of: container) { $0.filter { $0["type"] != "uts" } }
                }
                let intruder = try Self.intruder(into: try #require(pod.pid), ["-m", "-n", "-i"])
                defer { intruder.program.terminate() }
                #expect(try intruder.hasArrived.line() == "arrived")
                let report = try node.scan().report
                let finding = try #require(report.findings(of: pod).first { $0.technique == "host-uts-namespace" })
                #expect(finding.declared == "declared-by-runtime" && finding.severity == "low")
                #expect(finding.task?.pid == intruder.program.processIdentifier)
                #expect(!report.techniques(of: pod).contains("entered-host-uts-namespace"))
            }
        }

        /// A record with the pod's annotations that leaves out a namespace of the pod's: made by hand, and an action.
        @Test func recordAgainstTheSandbox() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("named", ExposureTests.quiet)
                try node.editNamespaces(of: pod.container) { $0.filter { $0["type"] != "network" } }
                let intruder = try Self.intruder(into: try #require(pod.pid), ["-m", "-u", "-i"])
                defer { intruder.program.terminate() }
                #expect(try intruder.hasArrived.line() == "arrived")
                let report = try node.scan().report
                let finding = try #require(
                    report.findings(of: pod).first { $0.technique == "entered-host-network-namespace" })
                #expect(finding.declared == "undeclared" && finding.severity == "critical")
                #expect(finding.task?.pid == intruder.program.processIdentifier)
                #expect(!report.techniques(of: pod).contains("host-network-namespace"))
            }
        }
    }
}

extension ContainerdNode {
    /// Changes what the record of a running container says of its namespaces.
    func editNamespaces(of container: String, _ edit: ([[String: String]]) -> [[String: String]]) throws {
        try editRecord(of: container) { record in
            var linux = try #require(record["linux"] as? [String: Any])
            linux["namespaces"] = edit(try #require(linux["namespaces"] as? [[String: String]]))
            record["linux"] = linux
        }
    }

    func editAnnotations(of container: String, _ edit: (inout [String: String]) -> Void) throws {
        try editRecord(of: container) { record in
            var annotations = try #require(record["annotations"] as? [String: String])
            edit(&annotations)
            record["annotations"] = annotations
        }
    }

    private func editRecord(of container: String, _ edit: (inout [String: Any]) throws -> Void) throws {
        let file = URL(fileURLWithPath: "\(bundle(container))/config.json")
        var record = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        try edit(&record)
        try JSONSerialization.data(withJSONObject: record).write(to: file)
    }
}
