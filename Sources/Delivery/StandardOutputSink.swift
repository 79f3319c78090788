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
    /// Seconds that a line may take.
    private let patience: Double
    private let limit: Double

    init(_ output: Int32, patience: Double = 5, limit: Double = DeliveryLimit.seconds) {
        self.output = LineOutput(output)
        self.patience = patience
        self.limit = limit
    }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        try deliver(&records, to: "standard output", limit: limit) { record throws(DeliveryFailure) in
            do throws(SystemError) {
                try output.write(record.line, until: Deadline(secondsFromNow: patience))
            } catch {
                throw DeliveryFailure("standard output does not take records: \(error)", .retry)
            }
        }
    }
}
