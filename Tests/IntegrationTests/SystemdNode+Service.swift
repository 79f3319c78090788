import BenchSupport
import Foundation
import Testing

/// The daemon as the unit of `systemd/`, after `installUnits`.
extension SystemdNode {
    /// What `breakoutd status` says.
    struct DaemonReply: Decodable {
        struct Sink: Decodable {
            var name: String
            var queued: Int
            var delivered: Int
            var lost: Int
            var spoolBytes: Int
            var failure: String?
        }

        struct Counts: Decodable {
            var lostRecords: Int
            var scans: Int
        }

        var counts: Counts
        var stateFailure: String?
        var sinks: [Sink]
    }

    /// The node's network, for a command of this machine.
    var network: [String] {
        get throws {
            let pid = try String(contentsOfFile: "\(directory)/pid", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            return ["/usr/bin/nsenter", "--net=/proc/\(pid)/ns/net", "--"]
        }
    }

    /// Starts the unit anew, with a configuration and lines of its own below `[Service]`; returns when it is ready.
    func restart(configuration: String = "{api: {enabled: false}}", service: String = "") throws {
        try succeed(
            "sh", "-ec",
            """
            mkdir -p /run/systemd/system/breakoutd.service.d
            printf '%s\\n' "$0" >/etc/breakoutd/config.yaml
            printf '[Service]\\n%s\\n' "$1" >/run/systemd/system/breakoutd.service.d/zz-test.conf
            systemctl daemon-reload
            systemctl restart breakoutd
            """, configuration, service)
    }

    var daemonPid: String {
        get throws { try run("systemctl", "show", "--value", "-p", "MainPID", "breakoutd").text }
    }

    func reply() throws -> DaemonReply? {
        try? JSONDecoder().decode(DaemonReply.self, from: run("breakoutd", "status", "--format", "json").bytes)
    }

    /// Returns once something is so, which has to come soon.
    func await(_ what: String, until isSo: () throws -> Bool) throws {
        let deadline = Date().addingTimeInterval(60)
        while try !isSo() {
            if Date() > deadline { throw Bench.CommandFailed(description: "it does not come to that: \(what)") }
        }
    }

    /// Returns when two more scans are over, of which at least one began after this.
    func awaitScans() throws {
        let before = try reply()?.counts.scans ?? 0
        try self.await("two scans") { try reply().map { $0.counts.scans >= before + 2 } ?? false }
    }

    /// A pod with a process in the node's mount namespace from now on.
    func escape(_ name: String) throws -> BenchPod {
        try pod(
            name, "--host-pid", "--privileged", "--", "nsenter", "--mount=/proc/1/ns/mnt", "--", "/bin/sleep", "1d")
    }

    /// The entries that tell of a pod's process in the node's mount namespace, once there is one.
    func told(of pod: BenchPod) throws -> [[String: String]] {
        let isWanted = { (entry: [String: String]) in
            entry["BREAKOUTD_PID"] == pod.pid.map(String.init) && entry["BREAKOUTD_EVENT"] == "raised"
                && entry["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace"
        }
        return try awaitJournal { $0.contains(where: isWanted) }.filter(isWanted)
    }

    func awaitMessage(_ text: String) throws {
        try awaitJournal { $0.contains { $0["MESSAGE"]?.contains(text) == true } }
    }
}
