import AWS
import FoundationEssentials
import HTTPTransport

/// Where an instance is in AWS.
package struct InstancePlace: Sendable, Equatable {
    package var region: String
    /// `nil` where this is no instance or does not say which.
    package var instance: String?
}

/// Findings to AWS Security Hub, through a spool on disk.
package enum SecurityHubSink {
    /// Starts the sink, whose records become documents in the AWS Security Finding Format when they are sent.
    ///
    /// - Parameters:
    ///   - region: `nil` for that of the environment or the instance.
    ///   - endpoint: an address in place of the region's own.
    ///   - document: the document of a record; `nil` where there is none.
    ///   - spool: a directory for this sink alone.
    ///   - spoolLimit: the most bytes of it.
    ///   - environment: where credentials may be, as the AWS SDKs have it.
    package static func start(
        region: String?, endpoint: String?, document: @escaping @Sendable (String, InstancePlace) -> String?,
        spool: String, spoolLimit: Int, environment: [String: String], _ settings: SinkSettings
    ) -> QueuedSink {
        let cancellation = HTTPCancellation()
        return QueuedSink(
            "security-hub", settings,
            makeStock: { () throws(DeliveryFailure) in try SpoolStock(directory: spool, limit: spoolLimit) },
            makeTarget: { () throws(DeliveryFailure) in
                HubTarget { () throws(DeliveryFailure) in
                    try hub(try ServiceAccess(environment, cancellation), region, endpoint, document)
                }
            },
            cancel: cancellation.cancel)
    }

    private static func hub(
        _ access: ServiceAccess, _ region: String?, _ endpoint: String?,
        _ document: @escaping (String, InstancePlace) -> String?
    ) throws(DeliveryFailure) -> HubTarget.Hub {
        let place = InstancePlace(region: try access.region(region), instance: access.instanceID())
        guard let address = HubAddress(region: place.region, endpoint: endpoint) else {
            throw DeliveryFailure("not a usable region or endpoint for Security Hub", .retrySlowly)
        }
        let importer = FindingImporter(
            to: address, credentials: access.credentials, now: ServiceAccess.now, send: access.send)
        return HubTarget.Hub(importer: importer, document: { document($0, place) })
    }
}

/// Security Hub, given batches in which no finding is twice: it does not say which of two it would keep.
final class HubTarget: RecordTarget {
    struct Hub {
        let importer: FindingImporter
        let document: (String) -> String?
    }

    private let open: () throws(DeliveryFailure) -> Hub
    private var hub: Hub?

    /// - Parameter open: is called again after each failure: without a network the instance's id may not be known yet.
    init(open: @escaping () throws(DeliveryFailure) -> Hub) { self.open = open }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        while !records.isEmpty {
            let hub = try connected()
            let batch = Self.batch(of: records)
            let documents = batch.compactMap { hub.document($0.text) }
            let refused: Int
            let reason: String?
            do throws(ServiceError) {
                (refused, reason) = documents.isEmpty ? (0, nil) : try hub.importer.put(documents)
            } catch {
                self.hub = nil
                if error.remedy == .giveUp {
                    loss.add(.refused, batch.count)
                    records.removeFirst(batch.count)
                }
                throw DeliveryFailure(error, of: "Security Hub")
            }
            loss.add(.unfit, batch.count - documents.count)
            loss.add(.refused, refused)
            records.removeFirst(batch.count)
            if refused > 0 { throw DeliveryFailure("Security Hub refuses \(refused): \(reason ?? "")", .retry) }
        }
    }

    private func connected() throws(DeliveryFailure) -> Hub {
        if let hub { return hub }
        let new = try open()
        hub = new
        return new
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
