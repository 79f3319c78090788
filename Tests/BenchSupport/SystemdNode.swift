package import Foundation

/// A node of the bench with systemd as PID 1: in namespaces of this machine (packaging/bench/systemd-node), or a guest
/// with a kernel of its own (packaging/bench/guest-node).
package struct SystemdNode {
    package static let socket = "/run/containerd/containerd.sock"

    /// Where the script keeps the node, and in `pid` the number of its PID 1 on this machine.
    package let directory = "/tmp/breakoutd-sn-\(UUID().uuidString.prefix(8).lowercased())"
    private let script: String
    /// Seconds that something awaited may take.
    private let patience: Double

    /// Runs a test on a node of its own, with breakoutd installed; `version` is `v1` or `v2`, that of its cgroups.
    package static func with(_ version: String, _ body: (SystemdNode) throws -> Void) throws {
        let node = SystemdNode(script: Bench.script("systemd-node"), patience: 30)
        defer { node.down() }
        try Bench.succeed([node.script, "up", node.directory, version])
        try node.succeed("tar", "-xPf", "-", input: try program())
        try body(node)
        try node.requireNoDeath()
    }

    /// Runs a test in a guest of its own, with breakoutd installed; once more in another one if that falls silent.
    package static func with(_ guest: Guest, _ body: (SystemdNode) throws -> Void) throws {
        do {
            try once(in: guest, body)
        } catch let silent as Bench.GuestIsSilent {
            print("\(guest.testDescription): again in a new guest: \(silent)")
            try once(in: guest, body)
        }
    }

    private static func once(in guest: Guest, _ body: (SystemdNode) throws -> Void) throws {
        let node = SystemdNode(script: Bench.script("guest-node"), patience: 120)
        defer { node.down() }
        // The first time it is booted.
        try Bench.succeed(
            [node.script, "up", node.directory, guest.kernel, guest.cgroup, "--files", "/dev/stdin"],
            input: try program(), seconds: 300)
        try body(node)
        try node.requireNoDeath()
    }

    /// A daemon that died was started anew, and most of what it should tell was told all the same.
    ///
    /// One that was killed on purpose ends by SIGKILL.
    private func requireNoDeath() throws {
        let ends = try run("journalctl", "-u", "breakoutd", "-o", "cat", "--grep", "Main process exited").text
            .split(separator: "\n").filter { !$0.hasSuffix("status=9/KILL") }
        guard ends.isEmpty else { throw Bench.CommandFailed(description: "the daemon died: \(ends)") }
    }

    private func down() { _ = try? Bench.run([script, "down", directory]) }

    /// An archive with the program and the libraries of the Swift toolchain that it was linked with, at the same paths.
    private static func program() throws -> Data {
        let libraries = try Bench.succeed(["ldd", Bench.binary]).text.split(whereSeparator: \.isWhitespace)
            .filter { $0.hasPrefix("/") && $0.contains("swift") }
        let path = "s|^\(Bench.binary)$|/usr/local/bin/breakoutd|"
        let words = ["tar", "-chPf", "-", "--transform", path, Bench.binary] + libraries.map(String.init)
        return try Bench.succeed(words).bytes
    }

    // MARK: - Commands

    /// What runs a command on the node.
    package func command(_ words: String...) -> [String] { command(words) }

    package func command(_ words: [String]) -> [String] { [script, "in", directory] + words }

    /// Starts a program on the node that runs on; the caller ends it.
    package func start(_ words: String...) throws -> RunningProgram { try Bench.start(command(words)) }

    /// Runs a program on the node to its end.
    @discardableResult
    package func run(_ words: String..., input: Data? = nil) throws -> Bench.Output {
        try Bench.run(command(words), input: input)
    }

    /// Runs a program on the node that has to succeed.
    package func succeed(_ words: String..., input: Data? = nil) throws { try succeed(words, input: input) }

    /// Runs a program on the node that has to succeed.
    package func succeed(_ words: [String], input: Data? = nil) throws {
        try Bench.succeed(command(words), input: input)
    }

    /// Runs a program on a node in namespaces of this machine, with this machine's network in the place of its own.
    package func runWithMachineNetwork(_ words: [String]) throws -> Bench.Output {
        let pid = try String(contentsOfFile: "\(directory)/pid", encoding: .utf8)
        let enter = ["nsenter", "--target", pid.trimmingCharacters(in: .whitespacesAndNewlines), "--mount", "--pid"]
        return try Bench.run(enter + ["--ipc", "--uts", "--cgroup", "--root", "--wd"] + words)
    }

    /// Makes a pod; the words are those of `pod run`.
    @discardableResult
    package func pod(_ words: String...) throws -> BenchPod { try pod(words) }

    /// Makes a pod; the words are those of `pod run`.
    @discardableResult
    package func pod(_ words: [String]) throws -> BenchPod {
        let output = try Bench.succeed(command(["pod", "-s", Self.socket, "run"] + words))
        return try JSONDecoder().decode(BenchPod.self, from: output.bytes)
    }

    // MARK: - What breakoutd says

    /// Scans once; the words are further options.
    package func scan(_ words: String...) throws -> (report: ScanReport, status: Int32) { try scan(words) }

    private func scan(_ words: [String]) throws -> (report: ScanReport, status: Int32) {
        let output = try Bench.run(command(["/usr/local/bin/breakoutd", "scan", "--format", "json"] + words))
        return (try JSONDecoder().decode(ScanReport.self, from: output.bytes), output.status)
    }

    /// Scans until the report is as it should be or the time is up, and gives the last report; the words are further
    /// options.
    package func scan(_ words: String..., until isReached: (ScanReport) -> Bool) throws -> ScanReport {
        let deadline = Date().addingTimeInterval(patience)
        var report = try scan(words).report
        while !isReached(report), Date() < deadline { report = try scan(words).report }
        return report
    }

    /// What breakoutd has sent so far: journald takes entries when it gets to them, unless it is asked to.
    package func journal() throws -> [[String: String]] {
        let script = "journalctl --sync; exec journalctl -t breakoutd -o json"
        return try run("sh", "-c", script).text.split(separator: "\n").map {
            try JSONDecoder().decode([String: String].self, from: Data($0.utf8))
        }
    }

    /// The entries of the journal as soon as they are as they should be.
    @discardableResult
    package func awaitJournal(_ isReached: ([[String: String]]) -> Bool) throws -> [[String: String]] {
        let deadline = Date().addingTimeInterval(patience)
        var entries = try journal()
        while !isReached(entries) {
            guard Date() < deadline else {
                let messages = entries.suffix(5).compactMap { $0["MESSAGE"] }
                let status = try run("timeout", "10", "breakoutd", "status").text
                throw Bench.CommandFailed(
                    description: "the journal is not as it should be: \(messages)\nstatus:\n\(status)")
            }
            entries = try journal()
        }
        return entries
    }

    /// Waits for a file to contain a text, or for the time to be up.
    package func awaitFile(_ path: String, containing text: String) throws {
        let deadline = Date().addingTimeInterval(patience)
        while try run("grep", "-q", text, path).status != 0, Date() < deadline {}
    }
}
