import Foundation
import Glibc
import LinuxSystem
import Testing

@Suite struct BoundedProgramTests {
    private func output(
        _ script: String, _ arguments: [String] = [], environment: [String: String] = [:], limit: Int = 1024,
        seconds: Double = 20
    ) throws(BoundedProgram.Failure) -> String {
        let bytes = try BoundedProgram.output(
            of: "/bin/sh", ["-c", script, "sh"] + arguments, environment: environment, limit: limit,
            until: Deadline(secondsFromNow: seconds))
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func whatItGets() throws {
        #expect(try output("printf %s \"$1\"", ["$(id) `id` \"; x"]) == "$(id) `id` \"; x")
        #expect(try output("/usr/bin/env", environment: ["B": "2", "A": "1=1"]).contains("A=1=1\nB=2\n"))
        #expect(try output("/usr/bin/env").contains("PATH=/") == false)
        #expect(try output("cat; echo end") == "end\n")
        #expect(try output("echo lost >&2; echo kept") == "kept\n")
    }

    static let ended:
        [(script: String, kept: BoundedProgram.Outputs, failure: BoundedProgram.Failure?, output: String)] = [
            ("cat; cat", .both, nil, "given\n"),
            ("read line; echo \"$line\" >&2; exit 4", .both, .exit(status: 4), "given\n"),
            ("cat >&2; echo a; exit 4", .standardOutput, .exit(status: 4), "a\n"),
            ("echo 0123456789; head -c 100000 /dev/zero", .standardOutput, nil, "0123456789"),
            ("kill -9 $$", .both, .signal(SIGKILL), ""),
        ]

    /// With input, one output or both as one are kept, up to a limit that ends nothing.
    @Test(arguments: ended)
    func withInput(
        script: String, kept: BoundedProgram.Outputs, failure: BoundedProgram.Failure?, output: String
    ) throws {
        let ended = try BoundedProgram.run(
            "/bin/sh", ["-c", script], environment: ["PATH": "/bin:/usr/bin"], input: Array("given\n".utf8),
            keeping: 10, of: kept, until: Deadline(secondsFromNow: 20))
        #expect(ended.failure == failure && String(decoding: ended.output, as: UTF8.self) == output)
    }

    static let failures: [(script: String, failure: BoundedProgram.Failure, text: String)] = [
        ("exit 3", .exit(status: 3), "ended with status 3"),
        ("kill -TERM $$", .signal(SIGTERM), "was ended by signal 15"),
        ("while :; do echo 0123456789; done", .outputLimit(1024), "wrote more than 1 KiB"),
    ]

    @Test(arguments: failures)
    func failure(script: String, failure: BoundedProgram.Failure, text: String) {
        #expect(throws: failure) { _ = try output(script) }
        #expect(failure.description == text)
    }

    /// Whether the program waits with its output open or closed, what it started ends with it.
    @Test(arguments: ["", "exec >&-;"])
    func timeLimit(first: String) throws {
        try withScratch { directory in
            let script = "sleep 600 & echo $! > \(directory)/pid; \(first) sleep 600"
            #expect(throws: BoundedProgram.Failure.timeLimit) { _ = try output(script, seconds: 0.5) }
            let text = try String(contentsOfFile: "\(directory)/pid", encoding: .utf8)
            let pid = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            let deadline = Deadline(secondsFromNow: 20)
            while isRunning(pid), !deadline.isPast { usleep(1000) }
            #expect(!isRunning(pid))
        }
    }

    /// Of what is kept there may be no end.
    @Test func timeLimitOfAProgramThatWrites() {
        #expect(throws: BoundedProgram.Failure.timeLimit) {
            _ = try BoundedProgram.run(
                "/bin/sh", ["-c", "exec yes"], environment: ["PATH": "/bin:/usr/bin"], input: [], keeping: 10,
                of: .both,
                until: Deadline(secondsFromNow: 0.2))
        }
    }

    private func isRunning(_ pid: Int32) -> Bool {
        let stat = try? BoundedFile.read(path: "/proc/\(pid)/stat", limit: 4096)
        return stat.map { !String(decoding: $0, as: UTF8.self).contains(") Z ") } ?? false
    }

    @Test func noSuchProgram() {
        let failure = BoundedProgram.Failure.system(
            SystemError(errorNumber: ENOENT, call: "posix_spawn", path: "/no/such/program"))
        #expect(throws: failure) {
            _ = try BoundedProgram.output(
                of: "/no/such/program", [], environment: [:], limit: 1, until: Deadline(secondsFromNow: 9))
        }
        #expect(failure.description == "No such file or directory")
    }
}
