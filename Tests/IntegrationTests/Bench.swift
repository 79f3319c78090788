import Foundation
import Testing

/// Runs the harness of `packaging/bench` and the product on real containers.
enum Bench {
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The binary that was built beside the tests, or the one that `BREAKOUTD_BINARY` names.
    static let binary =
        ProcessInfo.processInfo.environment["BREAKOUTD_BINARY"] ?? "\(repository)/.build/debug/breakoutd"

    static let isUsable =
        getuid() == 0 && FileManager.default.isExecutableFile(atPath: binary)
        && FileManager.default.fileExists(atPath: "\(cache)/images.tar")
    static let reason: Comment = "needs root, a built breakoutd, and packaging/bench/setup l1"

    static let hasNodeImage = isUsable && FileManager.default.fileExists(atPath: "\(cache)/node.img")
    static let nodeReason: Comment = "needs root, a built breakoutd, and packaging/bench/setup l1s"

    private static let cache = ProcessInfo.processInfo.environment["BREAKOUTD_BENCH"] ?? "\(repository)/.bench"

    struct Output {
        var status: Int32
        var bytes: Data
        var text: String { String(decoding: bytes, as: UTF8.self) }
        var errors: String
    }

    struct CommandFailed: Error, CustomStringConvertible {
        var description: String
    }

    /// Closes every descriptor but the first three: Foundation takes a program for running as long as a daemon that it
    /// started holds the one by which Foundation watches it.
    private static let closingOthers =
        "for f in /proc/self/fd/*; do n=${f##*/}; ((n > 2)) && eval \"exec $n>&-\"; done; exec \"$@\""

    /// Runs a program to its end; `input` is its standard input.
    ///
    /// Output goes to files, not pipes: a node that another test starts at the same moment would inherit a pipe and
    /// keep it open.
    static func run(_ arguments: [String], input: Data? = nil) throws -> Output {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = ["input", "output", "errors"].map { directory.appendingPathComponent($0) }
        for (file, contents) in zip(files, [input ?? Data(), Data(), Data()]) { try contents.write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["bash", "-c", closingOthers, "bash"] + arguments
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        let errors = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
        return Output(status: process.terminationStatus, bytes: try Data(contentsOf: files[1]), errors: errors)
    }

    /// Runs a program that has to succeed.
    @discardableResult
    static func succeed(_ arguments: [String], input: Data? = nil) throws -> Output {
        let output = try run(arguments, input: input)
        guard output.status == 0 else {
            throw CommandFailed(description: "\(arguments.joined(separator: " ")): \(output.status): \(output.errors)")
        }
        return output
    }

    static func script(_ name: String) -> String { "\(repository)/packaging/bench/\(name)" }

    /// Starts a program that runs on; the caller ends it.
    static func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}

/// What `pod run` prints.
struct BenchPod: Decodable {
    var pod: String
    var container: String
    var uid: String
    var pid: Int32?
    var pausePid: Int32
    var logDirectory: String
}

/// The parts of a JSON report that tests look at.
struct ScanReport: Decodable {
    var verdict: String
    var findings: [Finding]
    var gaps: [Gap]

    struct Finding: Decodable {
        var technique: String
        var `class`: String
        var severity: String
        var declared: String
        var detail: String
        var pod: Pod?
        var container: Container?
        var task: Task?
    }

    struct Pod: Decodable {
        var namespace: String?
        var name: String?
        var uid: String?
    }

    struct Container: Decodable {
        var id: String
        var name: String?
    }

    struct Task: Decodable {
        var pid: Int32
        var tid: Int32
        var comm: String
    }

    struct Gap: Decodable {
        var kind: String
        var reason: String
        var examples: [String]
    }

    func findings(of pod: BenchPod) -> [Finding] { findings.filter { $0.pod?.uid == pod.uid } }

    func techniques(of pod: BenchPod) -> [String] { findings(of: pod).map(\.technique).sorted() }
}
