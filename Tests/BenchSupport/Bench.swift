package import Foundation
package import Testing

/// Runs the harness of `packaging/bench` and the product on real containers.
package enum Bench {
    package static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The binary that was built beside the tests, or the one that `BREAKOUTD_BINARY` names.
    package static let binary =
        ProcessInfo.processInfo.environment["BREAKOUTD_BINARY"] ?? "\(repository)/.build/debug/breakoutd"

    package static let isUsable =
        getuid() == 0 && FileManager.default.isExecutableFile(atPath: binary)
        && FileManager.default.fileExists(atPath: "\(cache)/images.tar")
    package static let reason: Comment = "needs root, a built breakoutd, and packaging/bench/setup l1"

    package static let hasNodeImage = isUsable && FileManager.default.fileExists(atPath: "\(cache)/node.img")
    package static let nodeReason: Comment = "needs root, a built breakoutd, and packaging/bench/setup l1s"

    /// Guests take both cores for minutes, so that they run only where they are asked for.
    package static let hasGuests =
        hasNodeImage && ProcessInfo.processInfo.environment["BREAKOUTD_GUESTS"] == "1"
        && FileManager.default.fileExists(atPath: "\(cache)/kernels.key")
    package static let guestReason: Comment =
        "run by packaging/test --node; needs root, a built breakoutd, packaging/bench/setup l2 and BREAKOUTD_GUESTS=1"

    private static let cache = ProcessInfo.processInfo.environment["BREAKOUTD_BENCH"] ?? "\(repository)/.bench"

    /// What a program that has ended left.
    package struct Output {
        package var status: Int32
        package var bytes: Data
        package var text: String { String(decoding: bytes, as: UTF8.self) }
        package var errors: String
    }

    /// A program that did not do what a test needs.
    package struct CommandFailed: Error, CustomStringConvertible {
        package var description: String

        package init(description: String) { self.description = description }
    }

    /// A guest does not answer any more: once in a while an emulated processor hangs.
    package struct GuestIsSilent: Error, CustomStringConvertible {
        package var description: String
    }

    /// Runs a program to its end, which has to come within the time; `input` is its standard input.
    ///
    /// - Throws: `GuestIsSilent` at exit code 75 (EX_TEMPFAIL), with which `guest-node` alone ends.
    package static func run(_ arguments: [String], input: Data? = nil, seconds: Double = 120) throws -> Output {
        let (output, errors) = (try NamelessFile(), try NamelessFile())
        let source = try input.map { try NamelessFile($0) }
        let program = try RunningProgram(
            arguments, input: source?.descriptor, output: output.descriptor, errors: errors.descriptor)
        let status = try program.wait(seconds: seconds)
        let words = String(decoding: errors.contents, as: UTF8.self)
        if status == EX_TEMPFAIL { throw GuestIsSilent(description: words) }
        return Output(status: status, bytes: output.contents, errors: words)
    }

    /// Runs a program that has to succeed.
    @discardableResult
    package static func succeed(_ arguments: [String], input: Data? = nil, seconds: Double = 120) throws -> Output {
        let output = try run(arguments, input: input, seconds: seconds)
        guard output.status == 0 else {
            throw CommandFailed(description: "\(arguments.joined(separator: " ")): \(output.status): \(output.errors)")
        }
        return output
    }

    /// The path of a script of the bench.
    package static func script(_ name: String) -> String { "\(repository)/packaging/bench/\(name)" }

    /// Starts a program that runs on; the caller ends it.
    package static func start(_ arguments: [String]) throws -> RunningProgram {
        let nothing = try NamelessFile()
        return try RunningProgram(arguments, input: nil, output: nothing.descriptor, errors: nothing.descriptor)
    }
}
