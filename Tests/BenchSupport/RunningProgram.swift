import Foundation
import Glibc

/// A program that runs in a process group of its own.
///
/// Unlike Foundation's process, it counts as ended when it has ended, whatever a daemon that it started still holds.
package final class RunningProgram: @unchecked Sendable {
    package let processIdentifier: Int32
    private let arguments: [String]
    private let condition = NSCondition()
    private var status: Int32?

    package init(_ arguments: [String], input: Int32?, output: Int32, errors: Int32) throws {
        self.arguments = arguments
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var started: pid_t = 0
        let error = posix_spawnp(&started, arguments[0], &actions, &attributes, &words, environ)
        guard error == 0 else {
            throw Bench.CommandFailed(description: "\(arguments[0]): \(String(cString: strerror(error)))")
        }
        processIdentifier = started
        Thread.detachNewThread { [self] in reap() }
    }

    private func reap() {
        var information = siginfo_t()
        // The process id stays taken until the status is noted, so that a signal cannot go to another process.
        while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        condition.lock()
        defer { condition.unlock() }
        var raw: Int32 = 0
        while waitpid(processIdentifier, &raw, 0) == -1, errno == EINTR {}
        status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
        condition.broadcast()
    }

    /// The exit status, or 128 and the number of the signal; a program that is not through by then is ended.
    package func wait(seconds: Double) throws -> Int32 {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        while status == nil, condition.wait(until: deadline) {}
        let ended = status
        condition.unlock()
        if let ended { return ended }
        terminate()
        throw Bench.CommandFailed(
            description: "\(arguments.joined(separator: " ")): still running after \(seconds) seconds")
    }

    /// Ends the program and its process group; returns when it has ended.
    package func terminate() {
        condition.lock()
        defer { condition.unlock() }
        guard status == nil else { return }
        kill(-processIdentifier, SIGKILL)
        while status == nil { condition.wait() }
    }
}
