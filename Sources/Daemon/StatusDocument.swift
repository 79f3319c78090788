import Delivery
import FoundationEssentials
import Glibc
package import LinuxSystem
package import NodeModel
import Reports

/// What a running daemon says of itself, `breakoutd status`.
package struct StatusDocument: Sendable, Codable, Equatable {
    package static let currentSchema = "breakoutd-status/1"
    package static let socket = "/run/breakoutd/status.sock"

    package var schema = Self.currentSchema
    package var version: String
    package var pid: Int32
    /// Seconds since the daemon was started.
    package var uptime: Double
    /// Why the kernel gives no events; `nil` where it does.
    package var eventsFailure: String?
    /// The tracepoints, probes and CPUs that are not listened to, with why.
    package var eventGaps: [String]
    /// The tracepoints and probes that this kernel does not have.
    package var eventAbsences: [String]
    /// Why changes of the node's files, or who makes them, are not seen everywhere; `nil` where they are.
    package var filesFailure: String?
    /// Why new containers are seen by the next scan only; `nil` where they are heard of.
    package var containersFailure: String?
    /// Why open findings cannot be saved; `nil` where they can.
    package var stateFailure: String?
    /// How the run before this one ended, where it was not asked to.
    package var interruption: String?
    /// What the latest scan could not judge.
    package var scanGaps: [Gap]
    package var counts: DaemonCounts
    /// Seconds since the API's word; `nil` where it is not asked or has not answered.
    package var apiAge: Double?
    package var apiFailure: String?
    package var sinks: [Sink]

    package struct Sink: Sendable, Codable, Equatable {
        package var name: String
        package var queued: Int
        package var delivered: Int
        package var lost: Int
        package var spoolBytes: Int
        package var failure: String?

        init(_ name: String, _ state: SinkState) {
            self.name = name
            queued = state.queued
            delivered = state.delivered
            lost = state.lost
            spoolBytes = state.spoolBytes
            failure = state.failure
        }
    }

    /// Everything that the daemon was asked for works.
    package var isWhole: Bool {
        let hasFailed = counts.selfTestLatency == nil && counts.selfTestFailures > 0
        let failures = [eventsFailure, filesFailure, containersFailure, stateFailure, apiFailure]
        // A container that starts is no fault.
        let isBlind = scanGaps.contains { $0.kind != .starting }
        return failures.allSatisfy { $0 == nil } && eventGaps.isEmpty && !isBlind && !hasFailed
            && sinks.allSatisfy { $0.failure == nil }
    }

    /// Asks the daemon that listens on a socket.
    package static func ask(_ path: String = socket) throws(SystemError) -> [UInt8] {
        guard let address = StreamAddress(unix: path) else {
            throw SystemError(errorNumber: ENAMETOOLONG, call: "connect", path: path)
        }
        return try StreamConnection(to: address).receive(limit: 1 << 20)
    }

    package static func decode(_ bytes: [UInt8]) -> StatusDocument? {
        try? JSONDecoder().decode(StatusDocument.self, from: Data(bytes))
    }

    var text: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return Array("\(JSONText.escaped(json))\n".utf8)
    }
}
