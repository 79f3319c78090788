import Foundation
import Glibc
import Testing

/// The bench's scripts, the program under test and whether this machine can run them.
enum Bench {
    static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../packaging/bench").standardized.path

    /// The program under test: what BREAKOUTD_BINARY names, or the one beside the test bundle.
    static let binary: String = {
        if let path = ProcessInfo.processInfo.environment["BREAKOUTD_BINARY"] { return path }
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("breakoutd").path
    }()

    static let hasContainerdNode = isReady("l1")
    static let hasSystemdNode = isReady("l1s")

    private static func isReady(_ level: String) -> Bool {
        let obstacle: String
        if getuid() != 0 {
            obstacle = "not root"
        } else {
            do {
                try succeed([scripts + "/setup", level], seconds: 900)
                guard access(binary, X_OK) != 0 else { return true }
                obstacle = "no \(binary)"
            } catch {
                obstacle = "\(error)"
            }
        }
        FileHandle.standardError.write(Data("integration tests of \(level) skipped: \(obstacle)\n".utf8))
        return false
    }

    /// Whether containers of this machine are in cgroup v1 hierarchies.
    static let hasCgroupV1 = access("/sys/fs/cgroup/pids/cgroup.procs", W_OK) == 0
}

/// All tests on real runtimes, one after the other: they share the machine.
@Suite(.serialized) enum IntegrationTests {}

extension Trait where Self == ConditionTrait {
    static var needsContainerdNode: Self {
        .enabled("needs root and what packaging/bench/setup l1 installs") { Bench.hasContainerdNode }
    }

    static var needsSystemdNode: Self {
        .enabled("needs root, a loop device and what packaging/bench/setup l1s installs") { Bench.hasSystemdNode }
    }
}

/// One containerd for the whole suite, gone with its pods afterwards.
struct ContainerdNodeTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let node = try ContainerdNode()
        defer { node.down() }
        try await ContainerdNode.$shared.withValue(node) { try await function() }
    }
}

extension Trait where Self == ContainerdNodeTrait {
    static var containerdNode: Self { Self() }
}

/// A pod as the bench tells of it.
struct BenchPod: Decodable, Sendable {
    var pod: String
    var container: String
    var uid: String
    var pid: Int32
    var pausePid: Int32
    var logDirectory: String
    var name = ""
    var namespace = ""

    enum CodingKeys: String, CodingKey { case pod, container, uid, pid, pausePid, logDirectory }

    var identity: ReportedFinding.Pod { ReportedFinding.Pod(namespace: namespace, name: name, uid: uid) }
}

/// A private containerd below a directory that is laid out as a node's root.
final class ContainerdNode: Sendable {
    @TaskLocal static var shared: ContainerdNode?

    static func current() throws -> ContainerdNode { try #require(shared) }

    let root: String
    var socket: String { root + "/run/containerd/containerd.sock" }

    init() throws {
        var template = Array("/tmp/bo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ProgramFailure(description: "no temporary directory") }
        root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        do {
            try succeed([Bench.scripts + "/containerd-node", "up", root], seconds: 120)
        } catch {
            down()
            throw error
        }
    }

    func down() {
        do {
            try succeed([Bench.scripts + "/containerd-node", "down", root], seconds: 120)
        } catch {
            Issue.record(error)
        }
        rmdir(root)
    }

    /// Calls the bench's CRI client.
    @discardableResult
    func pod(_ words: [String], seconds: Double = 90) throws -> Outcome {
        try succeed([Bench.scripts + "/pod", "-s", socket] + words, seconds: seconds)
    }

    /// What a pod looks like that shares nothing with the host.
    static let restricted = ["--seccomp", "default", "--no-new-privileges"]

    func runPod(
        _ name: String, namespace: String = "default", _ options: [String] = restricted, _ command: [String] = []
    ) throws -> BenchPod {
        let words = ["run", name, "--namespace", namespace] + options + (command.isEmpty ? [] : ["--"] + command)
        var pod = try JSONDecoder().decode(BenchPod.self, from: try pod(words).output)
        pod.name = name
        pod.namespace = namespace
        return pod
    }

    /// A pod that is removed afterwards.
    func withPod<Value>(
        _ name: String, namespace: String = "default", _ options: [String] = restricted, _ command: [String] = [],
        _ body: (BenchPod) throws -> Value
    ) throws -> Value {
        let pod = try runPod(name, namespace: namespace, options, command)
        defer {
            do { try self.pod(["remove", pod.pod]) } catch { Issue.record(error) }
        }
        return try body(pod)
    }

    /// A scan of this node.
    func scan(_ options: [String] = [], format: String = "json") throws -> Outcome {
        try breakoutd(["scan", "--root", root, "--format", format] + options)
    }

    /// A scan of this node with its report, whose verdict has to be the exit status.
    func report(_ options: [String] = [], sourceLocation: SourceLocation = #_sourceLocation) throws -> ScanReport {
        let outcome = try scan(options)
        let report = try ScanReport(outcome.output)
        #expect(report.schema == "breakoutd-report/1", sourceLocation: sourceLocation)
        #expect(outcome.status == report.exitStatus, "\(outcome.errors)", sourceLocation: sourceLocation)
        return report
    }

    /// Where the runtime keeps a container's record.
    func record(of container: String) -> String {
        "\(root)/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(container)/config.json"
    }
}

/// Runs the program under test.
func breakoutd(_ words: [String], seconds: Double = 90) throws -> Outcome {
    try run([Bench.binary] + words, seconds: seconds)
}
