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

    /// Runs a program to its end, which has to come within the time; `input` is its standard input.
    static func run(_ arguments: [String], input: Data? = nil, seconds: Double = 120) throws -> Output {
        let (output, errors) = (try NamelessFile(), try NamelessFile())
        let source = try input.map { try NamelessFile($0) }
        let program = try RunningProgram(
            arguments, input: source?.descriptor, output: output.descriptor, errors: errors.descriptor)
        let status = try program.wait(seconds: seconds)
        return Output(status: status, bytes: output.contents, errors: String(decoding: errors.contents, as: UTF8.self))
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
    static func start(_ arguments: [String]) throws -> RunningProgram {
        let nothing = try NamelessFile()
        return try RunningProgram(arguments, input: nil, output: nothing.descriptor, errors: nothing.descriptor)
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
    var hidden: Int
    var omitted: Int

    struct Finding: Decodable {
        var technique: String
        var `class`: String
        var severity: String
        var declared: String
        var detail: String
        var pod: Pod?
        var container: Container?
        var task: Task?
        var evidence: [String: Value]
    }

    /// A value of the evidence.
    enum Value: Decodable, Equatable {
        case flag(Bool)
        case number(Int64)
        case text(String)
        case list([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .list(try container.decode([String].self))
            }
        }
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
        var count: Int
        var reason: String
        var examples: [String]
    }

    func findings(of pod: BenchPod) -> [Finding] { findings.filter { $0.pod?.uid == pod.uid } }

    func techniques(of pod: BenchPod) -> [String] { findings(of: pod).map(\.technique).sorted() }
}
