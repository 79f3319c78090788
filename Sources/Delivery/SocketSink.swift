import LinuxSystem

/// Records as lines to the CloudWatch agent's socket for the embedded metric format.
///
/// The agent acknowledges nothing: what it had received and not sent on when it died is lost without a trace. What can
/// be noticed, a connection that is closed or reset, is answered with a new one and the same record again.
package enum SocketSink {
    package static func start(
        _ address: AgentAddress, reserve: String? = nil, _ settings: SinkSettings
    ) -> QueuedSink {
        QueuedSink("agent", settings, reserve: reserve) { () throws(DeliveryFailure) in AgentConnection(address) }
    }
}

/// Where the agent listens: on this machine, because the records go there in clear text.
package struct AgentAddress: Sendable, Equatable, CustomStringConvertible {
    let socket: StreamAddress
    package let description: String

    /// `tcp://127.0.0.1:25888`, `tcp://[::1]:25888` or `unix:///run/agent.sock`; `nil` for anything else, and for an
    /// address that is not on this machine.
    package init?(_ text: String) {
        description = text
        if text.hasPrefix("unix:///") {
            guard let socket = StreamAddress(unix: String(text.dropFirst("unix://".count))) else { return nil }
            self.socket = socket
            return
        }
        guard text.hasPrefix("tcp://"), let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        let host = text[..<colon].dropFirst("tcp://".count)
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let number = isBracketed ? host.dropFirst().dropLast() : host == "localhost" ? "127.0.0.1" : host
        guard isBracketed == number.contains(":"), let socket = StreamAddress(loopback: String(number), port: port)
        else { return nil }
        self.socket = socket
    }
}

/// A connection that is made when it is needed.
final class AgentConnection: RecordTarget {
    private let address: AgentAddress
    /// Seconds after which the rest of a delivery goes to disk, however slowly records are taken.
    private let limit: Double
    private var connection: StreamConnection?

    init(_ address: AgentAddress, limit: Double = 2) {
        self.address = address
        self.limit = limit
    }

    var isConnected: Bool { connection?.isOpen == true }

    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
        let end = Deadline(secondsFromNow: limit)
        do throws(SystemError) {
            while let record = records.first {
                if !isConnected { connection = try StreamConnection(to: address.socket) }
                try connection?.send(record.line)
                records.removeFirst()
                if end.isPast { break }
            }
        } catch {
            // A line of which a part was sent has to begin anew on another connection.
            connection = nil
            throw DeliveryFailure("\(address) does not take records: \(error.call): \(error.reason)", .retry)
        }
        if !records.isEmpty { throw DeliveryFailure("\(address) takes records too slowly", .retry) }
    }
}
