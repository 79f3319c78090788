import BenchSupport
import Foundation
import Testing

extension RealNodes {
    /// breakoutd on kernels of their own: what is the whole machine's, and what this machine's kernel does not have.
    @Suite(.enabled(if: Bench.hasGuests, Bench.guestReason)) struct GuestTests {
        @Test(arguments: Guest.all) func scan(guest: Guest) throws {
            try SystemdNode.with(guest) { node in
                let quiet = try node.pod("quiet", "--seccomp", "default", "--no-new-privileges")
                let before = try node.scan()
                #expect(before.status == 0 && before.report.verdict == "clean")
                #expect(before.report.findings.isEmpty && before.report.gaps.isEmpty)

                let evil = try node.pod(
                    "evil", "--host-pid", "--privileged", "--", "nsenter", "-t", "1", "-m", "-u", "-n", "-i", "--",
                    "/bin/sleep", "1d")
                let (report, status) = try node.scan()
                #expect(status == 1 && report.gaps.isEmpty)
                #expect(report.techniques(of: quiet) == [])
                #expect(
                    report.techniques(of: evil) == [
                        "entered-host-ipc-namespace", "entered-host-mount-namespace", "entered-host-network-namespace",
                        "entered-host-uts-namespace", "first-process-in-host-namespace", "host-pid-namespace",
                        "privileged",
                    ])
                let finding = try #require(
                    report.findings(of: evil).first { $0.technique == "entered-host-mount-namespace" })
                #expect(finding.pod?.name == "evil" && finding.container?.id == evil.container)
                #expect(finding.task?.pid == evil.pid && finding.severity == "critical")
            }
        }

        /// Short escapes and a module, from a pod that may do both, told by the daemon as the service that a package installs.
        @Test(arguments: Guest.all) func daemon(guest: Guest) throws {
            try SystemdNode.with(guest) { node in
                try node.installUnits()
                try node.succeed("sh", "-c", "echo 'api: {enabled: false}' >/etc/breakoutd/config.yaml")
                // Returns when the daemon has said that it watches.
                try node.succeed("systemctl", "start", "breakoutd")
                let evil = try node.pod(
                    "evil", "--host-pid", "--privileged", "--mount", "/usr/lib/modules:/lib/modules:ro")
                let escapes = try node.run(
                    "pod", "-s", SystemdNode.socket, "exec", evil.container, "--", "sh", "-c", Self.escapes
                ).text.split(separator: "\n").map(String.init)
                #expect(Set(escapes).count == 40)
                let entries = try node.awaitJournal {
                    $0.count { $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" } >= escapes.count
                        && $0.contains { $0["BREAKOUTD_TECHNIQUE"] == "kernel-module-loaded" }
                }
                let told = entries.filter { $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" }
                #expect(Set(told.compactMap { $0["BREAKOUTD_PID"] }) == Set(escapes))
                let module = try #require(entries.first { $0["BREAKOUTD_TECHNIQUE"] == "kernel-module-loaded" })
                #expect(module["MESSAGE"]?.hasSuffix("(modprobe) loaded the module dummy") == true)
                for entry in told + [module] {
                    #expect(entry["BREAKOUTD_POD"] == "evil" && entry["BREAKOUTD_CONTAINER_ID"] == evil.container)
                }
                // Found by scans, as they stay.
                for technique in ["host-pid-namespace", "privileged"] {
                    try node.awaitJournal { $0.contains { $0["BREAKOUTD_TECHNIQUE"] == technique } }
                }

                let output = try node.run("breakoutd", "status", "--format", "json")
                let status = try JSONDecoder().decode(Status.self, from: output.bytes)
                #expect(output.status == 0 && status.eventGaps.isEmpty)
                #expect(status.counts.lostRecords == 0)
                let warnings = try node.journal().filter { $0["PRIORITY"] == "4" }.compactMap { $0["MESSAGE"] }
                #expect(status.counts.lostFileEvents == 0, "\(warnings)")
                #expect(status.counts.selfTestFailures == 0 && status.counts.selfTestLatency != nil)
            }
        }

        /// The node's clock is set a day ahead, and two days back: what is open is not told again, and what comes is told once.
        ///
        /// Only a guest has a clock of its own.
        @Test func clockJumps() throws {
            try SystemdNode.with(Guest.all[0]) { node in
                try node.installUnits()
                try node.succeed("sh", "-c", "echo 'api: {enabled: false}' >/etc/breakoutd/config.yaml")
                try node.succeed("systemctl", "start", "breakoutd")
                let evil = try node.pod("evil", "--host-pid", "--privileged")
                let raised = { (entries: [[String: String]], technique: String) in
                    entries.count { $0["BREAKOUTD_TECHNIQUE"] == technique && $0["BREAKOUTD_EVENT"] == "raised" }
                }
                try node.awaitJournal { raised($0, "privileged") == 1 && raised($0, "host-pid-namespace") == 1 }
                for (number, jump) in [86_400, -172_800].enumerated() {
                    try node.succeed("sh", "-ec", "date -s \"@$(($(date +%s) + $0))\"", "\(jump)")
                    let scans = try Self.status(of: node).counts.scans
                    try node.succeed("systemctl", "reload", "breakoutd")
                    try node.succeed(
                        "pod", "-s", SystemdNode.socket, "exec", evil.container, "--", "nsenter", "-t", "1", "-m",
                        "true")
                    try node.awaitJournal { raised($0, "entered-host-mount-namespace") == number + 1 }
                    let deadline = Date().addingTimeInterval(60)
                    while try Self.status(of: node).counts.scans <= scans, Date() < deadline {}
                    #expect(try Self.status(of: node).counts.scans > scans)
                }
                let entries = try node.journal()
                for technique in ["privileged", "host-pid-namespace"] {
                    #expect(entries.count { $0["BREAKOUTD_TECHNIQUE"] == technique } == 1, "\(technique)")
                }
                #expect(raised(entries, "entered-host-mount-namespace") == 2)
                #expect(try Self.status(of: node).counts.lostRecords == 0)
            }
        }

        /// A CPU that is switched off and on at once tells no more by the events that were opened before: they are opened anew.
        ///
        /// Only a guest has CPUs of its own.
        @Test(arguments: Guest.all) func processorSwitchedOff(guest: Guest) throws {
            try SystemdNode.with(guest) { node in
                try node.installUnits()
                try node.succeed("sh", "-c", "echo 'api: {enabled: false}' >/etc/breakoutd/config.yaml")
                try node.succeed("systemctl", "start", "breakoutd")
                let file = "/sys/devices/system/cpu/cpu1/online"
                try node.succeed("sh", "-ec", "echo 0 >\(file); echo 1 >\(file)")
                try node.awaitJournal {
                    let messages = $0.compactMap { $0["MESSAGE"] }.filter { $0.hasPrefix("CPUs ") }
                    return ["[1] came", "[1] went"].allSatisfy { word in messages.contains { $0.contains(word) } }
                }
                #expect(try Self.status(of: node).counts.lostRecords > 0)
            }
        }

        private static func status(of node: SystemdNode) throws -> Status {
            try JSONDecoder().decode(Status.self, from: node.run("breakoutd", "status", "--format", "json").bytes)
        }

        /// The parts of `breakoutd status` that tell what it sees.
        private struct Status: Decodable {
            /// What of the kernel's events does not work here.
            var eventGaps: [String]
            var counts: Counts

            struct Counts: Decodable {
                var scans: Int
                var lostRecords: Int
                var lostFileEvents: Int
                var selfTestFailures: Int
                var selfTestLatency: Double?
            }
        }

        /// Each is a process of its own, in the node's mount namespace for as long as `true` runs; prints its id.
        private static let escapes = """
            for number in $(seq 40); do
                nsenter -t 1 -m -- /bin/true &
                echo $!
                wait
            done
            modprobe dummy
            """
    }
}
