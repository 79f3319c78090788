import Foundation
import TestSupport

/// A node of the bench with systemd as PID 1 (packaging/bench/systemd-node).
struct SystemdNode {
    let directory: String
    static let socket = "/run/containerd/containerd.sock"

    /// Runs a test on a node of its own, with breakoutd installed; `version` is `v1` or `v2`, that of its cgroups.
    static func with(_ version: String, _ body: (SystemdNode) throws -> Void) throws {
        let node = SystemdNode(directory: "/tmp/breakoutd-sn-\(UUID().uuidString.prefix(8).lowercased())")
        defer { _ = try? Bench.run([Bench.script("systemd-node"), "down", node.directory]) }
        try Bench.succeed([Bench.script("systemd-node"), "up", node.directory, version])
        try node.install()
        try body(node)
    }

    /// What runs a command on the node.
    func command(_ words: String...) -> [String] { [Bench.script("systemd-node"), "in", directory] + words }

    /// Starts a program on the node that runs on; the caller ends it.
    func start(_ words: String...) throws -> RunningProgram {
        try Bench.start([Bench.script("systemd-node"), "in", directory] + words)
    }

    @discardableResult
    func run(_ words: String..., input: Data? = nil) throws -> Bench.Output {
        try Bench.run([Bench.script("systemd-node"), "in", directory] + words, input: input)
    }

    /// Runs a program on the node that has to succeed.
    func succeed(_ words: String..., input: Data? = nil) throws { try succeed(words, input: input) }

    func succeed(_ words: [String], input: Data? = nil) throws {
        try Bench.succeed([Bench.script("systemd-node"), "in", directory] + words, input: input)
    }

    /// Scans until the report is as it should be or the time is up, and gives the last report.
    func scan(until isReached: (ScanReport) -> Bool) throws -> ScanReport {
        let deadline = Date().addingTimeInterval(20)
        var report = try scan().report
        while !isReached(report), Date() < deadline { report = try scan().report }
        return report
    }

    @discardableResult
    func pod(_ words: String...) throws -> BenchPod { try pod(words) }

    @discardableResult
    func pod(_ words: [String]) throws -> BenchPod {
        let pod = ["pod", "-s", "/run/containerd/containerd.sock", "run"]
        let output = try Bench.succeed([Bench.script("systemd-node"), "in", directory] + pod + words)
        return try JSONDecoder().decode(BenchPod.self, from: output.bytes)
    }

    func scan(_ words: String...) throws -> (report: ScanReport, status: Int32) {
        let scan = [Bench.script("systemd-node"), "in", directory, "/usr/local/bin/breakoutd", "scan"]
        let output = try Bench.run(scan + ["--format", "json"] + words)
        return (try JSONDecoder().decode(ScanReport.self, from: output.bytes), output.status)
    }

    /// Scans with what a stand-in API server of the machine says of the node's pods: the scan alone has the machine's
    /// network, which the node has not.
    func scan(asking api: StandInAPIServer, _ words: String...) throws -> ScanReport {
        let files = try Bench.succeed(["tar", "-C", "/", "-cf", "-", String(api.directory.dropFirst())])
        try succeed("tar", "-C", "/", "-xf", "-", input: files.bytes)
        let pid = try String(contentsOfFile: "\(directory)/pid", encoding: .utf8)
        let enter = ["nsenter", "--target", pid.trimmingCharacters(in: .whitespacesAndNewlines)]
        let scan = [
            "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--root", "--wd", "/usr/local/bin/breakoutd", "scan",
        ]
        let options = ["--format", "json", "--kubeconfig", api.kubeconfig("certificate"), "--node-name"]
        let output = try Bench.run(enter + scan + options + [StandInAPIServer.nodeName] + words)
        return try JSONDecoder().decode(ScanReport.self, from: output.bytes)
    }

    /// What breakoutd has sent so far: journald takes entries when it gets to them, unless it is asked to.
    func journal() throws -> [[String: String]] {
        try run("journalctl", "--sync")
        return try run("journalctl", "-t", "breakoutd", "-o", "json").text.split(separator: "\n").map {
            try JSONDecoder().decode([String: String].self, from: Data($0.utf8))
        }
    }

    /// Copies the program and the libraries of the Swift toolchain that it was linked with, to the same paths.
    private func install() throws {
        let libraries = try Bench.succeed(["ldd", Bench.binary]).text.split(whereSeparator: \.isWhitespace)
            .filter { $0.hasPrefix("/") && $0.contains("swift") }
        let archive = try Bench.succeed(["tar", "-chPf", "-"] + libraries.map(String.init))
        _ = try run("tar", "-xPf", "-", input: archive.bytes)
        let program = try Data(contentsOf: URL(fileURLWithPath: Bench.binary))
        _ = try run(
            "sh", "-c", "cat >/usr/local/bin/breakoutd; chmod 755 /usr/local/bin/breakoutd", input: program)
    }
}
