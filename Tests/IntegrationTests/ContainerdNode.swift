import BenchSupport
import Foundation
import Testing

/// All tests that make containers, one after the other: a scan sees every container of the machine.
@Suite(.serialized) enum RealContainers {}

/// A private containerd with a node root of its own, for the time of one test.
final class ContainerdNode {
    let root: String
    var socket: String { "\(root)/run/containerd/containerd.sock" }

    static func with(_ body: (ContainerdNode) throws -> Void) throws {
        let node = try ContainerdNode()
        defer { node.down() }
        try body(node)
    }

    private init() throws {
        root = "/tmp/breakoutd-it-\(UUID().uuidString.prefix(8).lowercased())"
        do {
            try Bench.succeed([Bench.script("containerd-node"), "up", root])
        } catch {
            down()
            throw error
        }
    }

    private func down() { _ = try? Bench.run([Bench.script("containerd-node"), "down", root]) }

    func pod(_ name: String, _ options: [String] = [], command: [String] = []) throws -> BenchPod {
        let words =
            [Bench.script("pod"), "-s", socket, "run", name] + options + (command.isEmpty ? [] : ["--"] + command)
        return try JSONDecoder().decode(BenchPod.self, from: try Bench.succeed(words).bytes)
    }

    func pod(_ words: String...) throws { try Bench.succeed([Bench.script("pod"), "-s", socket] + words) }

    /// One scan as JSON, and its exit code.
    func scan(_ options: [String] = [], root isRead: Bool = true) throws -> (report: ScanReport, status: Int32) {
        let place = isRead ? ["--root", root] : []
        let output = try Bench.run([Bench.binary, "scan", "--format", "json"] + place + options)
        do {
            return (try JSONDecoder().decode(ScanReport.self, from: output.bytes), output.status)
        } catch {
            throw Bench.CommandFailed(
                description: "scan: \(output.status): \(output.errors) \(output.text.prefix(500))")
        }
    }

    /// Scans until a report is as it has to be: a process needs its time to get where it goes.
    func scan(until isReached: (ScanReport) -> Bool, options: () -> [String] = { [] }) throws -> ScanReport {
        let deadline = Date().addingTimeInterval(20)
        while true {
            let report = try scan(options()).report
            if isReached(report) || Date() > deadline { return report }
        }
    }

    func bundle(_ container: String) -> String {
        "\(root)/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(container)"
    }
}
