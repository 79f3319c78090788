import CLinux
import Glibc

/// Runs a program without a shell, with no more environment, time and output than it is given.
package enum BoundedProgram {
    /// Why a program gave no output.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case system(SystemError)
        /// It did not end in time, and was killed with all that it had started in its process group.
        case timeLimit
        /// It wrote more than it may, and was killed.
        case outputLimit(Int)
        case exit(status: Int32)
        case signal(Int32)

        package var description: String {
            switch self {
            case .system(let error): error.reason
            case .timeLimit: "did not end in time"
            case .outputLimit(let limit): "wrote more than \(limit >> 10) KiB"
            case .exit(let status): "ended with status \(status)"
            case .signal(let number): "was ended by signal \(number)"
            }
        }
    }

    /// What became of a program, with the first bytes of what it wrote.
    package struct Ended: Sendable, Equatable {
        /// `nil` when it ended with status 0.
        package var failure: Failure?
        package var output: [UInt8]
    }

    /// What a program that succeeds writes to its standard output; its input and error output are `/dev/null`.
    ///
    /// - Parameters:
    ///   - path: absolute; `PATH` is not searched.
    ///   - environment: all that it gets.
    package static func output(
        of path: String, _ arguments: [String], environment: [String: String], limit: Int, until deadline: Deadline
    ) throws(Failure) -> [UInt8] {
        let streams = Streams(input: "/dev/null", outputs: .standardOutput, limit: limit)
        let ended = try run(path, arguments, environment, streams, until: deadline)
        if let failure = ended.failure { throw failure }
        return ended.output
    }

    /// What is kept of what a program writes; the rest goes to `/dev/null`.
    package enum Outputs: Sendable {
        case standardOutput
        /// With the error output, in the order of writing.
        case both
    }

    /// Runs a program that gets `input`, and keeps the first `kept` bytes of what it writes to some of its outputs.
    ///
    /// It has ended when those are closed as well.
    ///
    /// - Parameters:
    ///   - path: absolute; `PATH` is not searched.
    ///   - environment: all that it gets.
    package static func run(
        _ path: String, _ arguments: [String], environment: [String: String], input: [UInt8], keeping kept: Int,
        of outputs: Outputs, until deadline: Deadline
    ) throws(Failure) -> Ended {
        let memory: SealedMemory
        do throws(SystemError) { memory = try SealedMemory(input) } catch { throw .system(error) }
        let streams = Streams(input: memory.path, outputs: outputs, limit: kept, isCut: true)
        return try withExtendedLifetime(memory) { () throws(Failure) in
            try run(path, arguments, environment, streams, until: deadline)
        }
    }

    /// Where a program reads from and how much it may write.
    private struct Streams {
        var input: String
        var outputs: Outputs
        var limit: Int
        /// What is above the limit is dropped.
        var isCut = false
    }

    private static func run(
        _ path: String, _ arguments: [String], _ environment: [String: String], _ streams: Streams,
        until deadline: Deadline
    ) throws(Failure) -> Ended {
        let pipe = try Pipe()
        let pid = try spawn(path, arguments, environment, streams, output: pipe.writeEnd)
        let bytes: [UInt8]
        let status: Int32
        do throws(Failure) {
            bytes = try drain(pipe.takeReadEnd(), streams, until: deadline)
            status = try wait(for: pid, until: deadline)
        } catch {
            // A group whose leader was not waited for yet cannot be another one's by now.
            kill(-pid, SIGKILL)
            _ = retrying { waitpid(pid, nil, 0) }
            throw error
        }
        return Ended(failure: failure(status), output: bytes)
    }

    /// What a status of waitpid(2) says.
    private static func failure(_ status: Int32) -> Failure? {
        let signal = status & 0x7F
        if signal != 0 { return .signal(signal) }
        let code = status >> 8 & 0xFF
        return code == 0 ? nil : .exit(status: code)
    }

    private struct Pipe: ~Copyable {
        private let readEnd: Descriptor
        let writeEnd: Descriptor

        init() throws(Failure) {
            var ends: [Int32] = [0, 0]
            guard linux_pipe(&ends) == 0 else {
                throw .system(SystemError(errorNumber: errno, call: "pipe2", path: ""))
            }
            readEnd = Descriptor(adopting: ends[0])
            writeEnd = Descriptor(adopting: ends[1])
        }

        /// Closes the other end, so that the program's own is the last.
        consuming func takeReadEnd() -> Descriptor { readEnd }
    }

    /// A process group of its own, the usual signals, and no descriptor but the three (posix_spawn(3)).
    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String: String], _ streams: Streams,
        output: borrowing Descriptor
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, streams.input, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.number, STDOUT_FILENO)
        switch streams.outputs {
        case .standardOutput: posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        case .both: posix_spawn_file_actions_adddup2(&actions, output.number, STDERR_FILENO)
        }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var pid: pid_t = 0
        let words = CStrings([path] + arguments)
        let variables = CStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
        let error = withExtendedLifetime((words, variables)) {
            posix_spawn(&pid, path, &actions, &attributes, words.pointers, variables.pointers)
        }
        guard error == 0 else { throw .system(SystemError(errorNumber: error, call: "posix_spawn", path: path)) }
        return pid
    }

    private static func drain(
        _ end: consuming Descriptor, _ streams: Streams, until deadline: Deadline
    ) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let milliseconds = Int32(clamping: (deadline.remainingMicroseconds + 999) / 1000)
            var waiting = pollfd(fd: end.number, events: Int16(POLLIN), revents: 0)
            let ready = retrying { poll(&waiting, 1, milliseconds) }
            if ready == 0 { throw .timeLimit }
            let count = retrying { Glibc.read(end.number, &chunk, chunk.count) }
            guard ready > 0, count >= 0 else {
                throw .system(SystemError(errorNumber: errno, call: "read", path: ""))
            }
            if count == 0 { return bytes }
            // What writes without end is always ready.
            if deadline.isPast { throw .timeLimit }
            bytes += chunk.prefix(Int(count))
            if bytes.count > streams.limit, !streams.isCut { throw .outputLimit(streams.limit) }
            bytes.removeLast(max(bytes.count - streams.limit, 0))
        }
    }

    /// The status of waitpid(2).
    private static func wait(for pid: pid_t, until deadline: Deadline) throws(Failure) -> Int32 {
        var status: Int32 = 0
        // It has closed its output, so it is about to end; pidfd_open(2), which would tell, is Linux 5.3.
        while true {
            let ended = retrying { waitpid(pid, &status, WNOHANG) }
            if ended > 0 { return status }
            if ended < 0 { throw .system(SystemError(errorNumber: errno, call: "waitpid", path: "")) }
            if deadline.isPast { throw .timeLimit }
            usleep(1000)
        }
    }
}

/// An array of C strings that ends with a null pointer, as execve(2) takes it.
private final class CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) { pointers = texts.map { strdup($0) } + [nil] }

    deinit { for pointer in pointers { free(pointer) } }
}
