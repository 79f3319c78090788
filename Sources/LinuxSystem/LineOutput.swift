import Glibc

/// Lines to an open file, pipe, socket or terminal, which may be full, or have no reader any more.
package struct LineOutput: Sendable {
    private let descriptor: Int32
    /// Part of a line was the last that went out.
    private var isTorn = false

    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Writes a line, its break included; what is told after a part of one begins on a line of its own.
    ///
    /// - Parameter deadline: then ETIMEDOUT is the error, unless there is room without waiting.
    package mutating func write(_ line: [UInt8], until deadline: Deadline) throws(SystemError) {
        var rest = (isTorn ? [0x0A] + line : line)[...]
        while !rest.isEmpty {
            try Readiness.awaitRoom(in: descriptor, until: deadline)
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
}
