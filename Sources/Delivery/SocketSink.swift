package import LinuxSystem

/// Records as lines to the CloudWatch agent's socket for the embedded metric format.
///
/// The agent acknowledges nothing: what it had received and not sent on when it died is lost without a trace. What can
/// be noticed, a connection that is closed or reset, is answered with a new one and the same record again.
package enum SocketSink {
    package static func start(
        _ address: LocalEndpoint, reserve: String? = nil, _ settings: SinkSettings
    ) -> QueuedSink {
        QueuedSink("agent", settings, reserve: reserve) { () throws(DeliveryFailure) in AgentConnection(address) }
    }
}

/// A connection that is made when it is needed.
final class AgentConnection: RecordTarget {
    private let address: LocalEndpoint
    private let limit: Double
    private var connection: StreamConnection?

    init(_ address: LocalEndpoint, limit: Double = DeliveryLimit.seconds) {
        self.address = address
        self.limit = limit
    }

    var isConnected: Bool { connection?.isOpen == true }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        try deliver(&records, to: "\(address)", limit: limit) { record throws(DeliveryFailure) in
            do throws(SystemError) {
                if !isConnected { connection = try StreamConnection(to: address) }
                try connection?.send(record.line)
            } catch {
                // A line of which a part was sent has to begin anew on another connection.
                connection = nil
                throw DeliveryFailure("\(address) does not take records: \(error.call): \(error.reason)", .retry)
            }
        }
    }
}
