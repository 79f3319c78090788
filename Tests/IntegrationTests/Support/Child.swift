import Foundation
import Glibc

/// What a program that ended left.
struct Outcome: Sendable {
    /// The exit status, or 128 and the signal's number.
    var status: Int32
    var output: Data
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
}

/// A program could not be started, failed or took too long.
struct ProgramFailure: Error, CustomStringConvertible {
    var description: String
}

/// A running program in a process group of its own.
final class Child: @unchecked Sendable {
    let pid: pid_t
    private let words: [String]
    private let condition = NSCondition()
    private var status: Int32?

    /// Starts a program; what it prints goes to the descriptors.
    init(_ words: [String], input: String = "/dev/null", output: Int32, errors: Int32) throws {
        self.words = words
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var started: pid_t = 0
        let error = posix_spawnp(&started, words[0], &actions, &attributes, &arguments, environ)
        guard error == 0 else { throw ProgramFailure(description: "\(words[0]): \(String(cString: strerror(error)))") }
        pid = started
        Thread.detachNewThread { [self] in reap() }
    }

    private func reap() {
        var information = siginfo_t()
        // The process id stays taken until the status is noted, so that no signal goes to another process.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        condition.withLock {
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) == -1, errno == EINTR {}
            status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            condition.broadcast()
        }
    }

    /// The status once it has ended; ends it and throws after the time limit.
    func wait(seconds: Double) throws -> Int32 {
        let deadline = Date(timeIntervalSinceNow: seconds)
        let ended = condition.withLock { () -> Int32? in
            while status == nil, condition.wait(until: deadline) {}
            return status
        }
        guard let ended else {
            end()
            throw ProgramFailure(description: "\(words.joined(separator: " ")) did not end in \(seconds) s")
        }
        return ended
    }

    /// Ends the program and what is left of its process group, and waits for the program.
    func end() {
        condition.withLock {
            guard status == nil else { return }
            kill(-pid, SIGKILL)
            while status == nil { condition.wait() }
        }
    }
}

extension NSCondition {
    fileprivate func withLock<Value>(_ body: () throws -> Value) rethrows -> Value {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// Runs a program to its end.
func run(_ words: [String], input: String = "/dev/null", seconds: Double = 60) throws -> Outcome {
    let (output, errors) = (try Sink(), try Sink())
    let status = try Child(words, input: input, output: output.descriptor, errors: errors.descriptor)
        .wait(seconds: seconds)
    return Outcome(status: status, output: output.read(), errors: String(decoding: errors.read(), as: UTF8.self))
}

/// Runs a program that has to succeed.
@discardableResult
func succeed(_ words: [String], input: String = "/dev/null", seconds: Double = 60) throws -> Outcome {
    let outcome = try run(words, input: input, seconds: seconds)
    guard outcome.status == 0 else {
        throw ProgramFailure(
            description: "\(words.joined(separator: " ")): status \(outcome.status): \(outcome.errors)")
    }
    return outcome
}

/// Starts a program whose output nobody reads.
func start(_ words: [String]) throws -> Child {
    try Child(words, output: Sink.null, errors: Sink.null)
}

/// A file without a name that takes what a program prints: unlike a pipe, it never blocks a writer, and a descendant
/// that keeps it open blocks no reader.
private final class Sink {
    static let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
    let descriptor: Int32

    init() throws {
        var template = Array("/tmp/bo-sink-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw ProgramFailure(description: "no temporary file") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
    }

    deinit { close(descriptor) }

    func read() -> Data {
        lseek(descriptor, 0, SEEK_SET)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readDataToEndOfFile()
    }
}
