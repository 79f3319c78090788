import Glibc
import LinuxSystem

/// Records as lines of standard output: for whoever collects what programs print, such as the logs of a pod.
package enum StandardOutputSink {
    package static func start(reserve: String? = nil, _ settings: SinkSettings) -> QueuedSink {
        QueuedSink("stdout", settings, reserve: reserve) { () throws(DeliveryFailure) in LineStream(STDOUT_FILENO) }
    }
}

/// An output whose reader may be slow, or stuck.
final class LineStream: RecordTarget {
    private var output: LineOutput
    /// Milliseconds that a reader may take to make room.
    private let patience: Int32
    /// Seconds after which the rest of a delivery goes to disk, however slowly records are taken.
    private let limit: Double

    init(_ output: Int32, patience: Int32 = 5000, limit: Double = 2) {
        self.output = LineOutput(output)
        self.patience = patience
        self.limit = limit
    }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        let end = Deadline(secondsFromNow: limit)
        do throws(SystemError) {
            while let record = records.first {
                try output.write(record.line, patience: patience)
                records.removeFirst()
                if end.isPast { break }
            }
        } catch {
            throw DeliveryFailure("standard output does not take records: \(error)", .retry)
        }
        if !records.isEmpty { throw DeliveryFailure("standard output takes records too slowly", .retry) }
    }
}
