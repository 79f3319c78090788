import Glibc
import HTTPTransport
import LinuxSystem

/// Records as lines of standard output: for whoever collects what programs print, such as the logs of a pod.
package enum StandardOutputSink {
    package static func start(reserve: String? = nil, _ settings: SinkSettings) -> QueuedSink {
        QueuedSink("stdout", settings, reserve: reserve) { () throws(DeliveryFailure) in LineStream(STDOUT_FILENO) }
    }
}

/// An open file, pipe or terminal, which may be full, or have no reader any more.
final class LineStream: RecordTarget {
    private let output: Int32
    /// Milliseconds that a reader may take to make room.
    private let patience: Int32
    /// Part of a line was the last that went out.
    private var isTorn = false

    init(_ output: Int32, patience: Int32 = 5000) {
        self.output = output
        self.patience = patience
    }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        do throws(SystemError) {
            while let record = records.first {
                // What is told again begins on a line of its own.
                try write(isTorn ? [0x0A] + record.line : record.line)
                records.removeFirst()
            }
        } catch {
            throw DeliveryFailure("standard output does not take records: \(error)", .retry)
        }
    }

    private func write(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try awaitRoom()
            // What a pipe with room takes without waiting (pipe(7)): it may be open elsewhere, and so has to stay one
            // that waits.
            let part = rest.prefix(Int(PIPE_BUF))
            let (count, error) = withoutBrokenPipeSignal {
                part.withUnsafeBytes { buffer in
                    (retrying { Glibc.write(output, buffer.baseAddress, buffer.count) }, errno)
                }
            }
            if count < 0 { throw SystemError(errorNumber: error, call: "write", path: "") }
            rest = rest.dropFirst(count)
            isTorn = !rest.isEmpty
        }
    }

    private func awaitRoom() throws(SystemError) {
        var waiting = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
        let ready = retrying { poll(&waiting, 1, patience) }
        if ready < 0 { throw SystemError(errorNumber: errno, call: "poll", path: "") }
        if ready == 0 { throw SystemError(errorNumber: ETIMEDOUT, call: "poll", path: "") }
    }
}
