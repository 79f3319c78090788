package import AWS
import FoundationEssentials
import HTTPTransport

/// Findings to AWS Security Hub, through a spool on disk.
package enum SecurityHubSink {
    /// Starts the sink, whose records are documents in the AWS Security Finding Format.
    ///
    /// - Parameters:
    ///   - spool: a directory for this sink alone.
    ///   - spoolLimit: the most bytes of it.
    ///   - environment: where credentials may be, as the AWS SDKs have it.
    package static func start(
        to hub: HubAddress, spool: String, spoolLimit: Int, environment: [String: String], _ settings: SinkSettings
    ) -> QueuedSink {
        let cancellation = HTTPCancellation()
        return QueuedSink(
            "security-hub", settings,
            makeStock: { () throws(DeliveryFailure) in try SpoolStock(directory: spool, limit: spoolLimit) },
            makeTarget: { () throws(DeliveryFailure) in
                let access = try ServiceAccess(environment, cancellation)
                return HubTarget(
                    FindingImporter(
                        to: hub, credentials: access.credentials, now: ServiceAccess.now, send: access.send))
            },
            cancel: cancellation.cancel)
    }
}

/// Security Hub, given batches in which no finding is twice: it does not say which of two it would keep.
struct HubTarget: RecordTarget {
    private let importer: FindingImporter

    init(_ importer: FindingImporter) { self.importer = importer }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        while !records.isEmpty {
            let batch = Self.batch(of: records)
            let refused: Int
            let reason: String?
            do throws(ServiceError) {
                (refused, reason) = try importer.put(batch.map(\.text))
            } catch {
                if error.remedy == .giveUp {
                    loss.add(.refused, batch.count)
                    records.removeFirst(batch.count)
                }
                throw DeliveryFailure(error, of: "Security Hub")
            }
            loss.add(.refused, refused)
            records.removeFirst(batch.count)
            if refused > 0 { throw DeliveryFailure("Security Hub refuses \(refused): \(reason ?? "")", .retry) }
        }
    }

    /// The first records up to the limit, or to one whose finding is among them already.
    static func batch(of records: [Record]) -> ArraySlice<Record> {
        var ids: Set<String> = []
        let end = records.prefix(FindingImporter.batchLimit).firstIndex { record in
            let document = try? JSONDecoder().decode(Document.self, from: Data(record.text.utf8))
            return document.map { !ids.insert($0.id).inserted } ?? false
        }
        return records[..<(end ?? min(records.count, FindingImporter.batchLimit))]
    }

    private struct Document: Decodable {
        var id: String

        private enum CodingKeys: String, CodingKey { case id = "Id" }
    }
}
