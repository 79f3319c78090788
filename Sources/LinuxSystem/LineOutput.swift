import Glibc

/// Lines to an open file, pipe, socket or terminal, which may be full, or have no reader any more.
package struct LineOutput: Sendable {
    private let descriptor: Int32
    /// Part of a line was the last that went out.
    private var isTorn = false

    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Writes a line, its break included; what is told after a part of one begins on a line of its own.
    ///
    /// - Parameter patience: milliseconds that a reader may take to make room; then ETIMEDOUT is the error.
    package mutating func write(_ line: [UInt8], patience: Int32) throws(SystemError) {
        var rest = (isTorn ? [0x0A] + line : line)[...]
        while !rest.isEmpty {
            try awaitRoom(patience)
            // What a pipe with room takes without waiting (pipe(7)): it may be open elsewhere, and so has to stay one
            // that waits.
            let part = rest.prefix(Int(PIPE_BUF))
            let (count, error) = withoutBrokenPipeSignal {
                part.withUnsafeBytes { buffer in
                    (retrying { Glibc.write(descriptor, buffer.baseAddress, buffer.count) }, errno)
                }
            }
            if count < 0 { throw SystemError(errorNumber: error, call: "write", path: "") }
            rest = rest.dropFirst(count)
            isTorn = !rest.isEmpty
        }
    }

    private func awaitRoom(_ patience: Int32) throws(SystemError) {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let ready = retrying { poll(&waiting, 1, patience) }
        if ready < 0 { throw SystemError(errorNumber: errno, call: "poll", path: "") }
        if ready == 0 { throw SystemError(errorNumber: ETIMEDOUT, call: "poll", path: "") }
    }
}
