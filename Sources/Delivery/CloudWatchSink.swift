package import AWS
import HTTPTransport

/// Records straight to CloudWatch Logs, through a spool on disk.
package enum CloudWatchSink {
    /// Starts the sink.
    ///
    /// - Parameters:
    ///   - region: `nil` for that of the environment or the instance.
    ///   - destination: in a region.
    ///   - spool: a directory for this sink alone.
    ///   - spoolLimit: the most bytes of it.
    ///   - environment: where credentials may be, as the AWS SDKs have it.
    package static func start(
        region: String?, to destination: @escaping @Sendable (String) throws(LogDestination.Invalid) -> LogDestination,
        spool: String, spoolLimit: Int, environment: [String: String], _ settings: SinkSettings
    ) -> QueuedSink {
        let cancellation = HTTPCancellation()
        return QueuedSink(
            "cloudwatch", settings,
            makeStock: { () throws(DeliveryFailure) in
                try SpoolStock(directory: spool, limit: spoolLimit)
            },
            makeTarget: { () throws(DeliveryFailure) in
                LogStreamTarget(try client(region, to: destination, environment, cancellation))
            },
            cancel: cancellation.cancel)
    }

    private static func client(
        _ region: String?, to destination: (String) throws(LogDestination.Invalid) -> LogDestination,
        _ environment: [String: String], _ cancellation: HTTPCancellation
    ) throws(DeliveryFailure) -> LogEventsClient {
        let access = try ServiceAccess(environment, cancellation)
        let region = try access.region(region)
        let found: LogDestination
        do throws(LogDestination.Invalid) {
            found = try destination(region)
        } catch {
            throw DeliveryFailure("\(error)", .retrySlowly)
        }
        return LogEventsClient(
            to: found, credentials: access.credentials, now: ServiceAccess.now, send: access.send)
    }
}

/// A log stream of CloudWatch Logs.
struct LogStreamTarget: RecordTarget {
    private let client: LogEventsClient

    init(_ client: LogEventsClient) { self.client = client }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        let parted = LogEventBatches(records.map { LogEvent(time: $0.time, message: $0.text) })
        loss.add(.unfit, parted.unfit)
        var batches = parted.batches[...]
        defer { records = batches.joined().map { Record(time: $0.time, text: $0.message) } }
        while let batch = batches.first {
            do throws(ServiceError) {
                loss.add(.outOfTime, try client.put(batch))
                batches.removeFirst()
            } catch {
                if error.remedy == .giveUp {
                    loss.add(.refused, batch.count)
                    batches.removeFirst()
                }
                throw DeliveryFailure(error, of: "CloudWatch Logs")
            }
        }
    }
}
