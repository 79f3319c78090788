import FoundationEssentials
import HTTPTransport

/// Puts batches of events into one log stream of CloudWatch Logs; used by one thread at a time.
///
/// It repeats a request only where that needs no waiting: after making a missing group or stream, and once with new
/// credentials. When to send a failed batch again is for its caller, see `ServiceError.remedy`.
package final class LogEventsClient {
    private let destination: LogDestination
    private let service: SignedService

    /// - Parameters:
    ///   - now: seconds since 1970-01-01 UTC.
    ///   - send: sends one request, such as `HTTPClient.send`.
    package init(
        to destination: LogDestination, credentials: CredentialProvider, now: @escaping () -> Int64,
        send: @escaping SignedService.Send
    ) {
        self.destination = destination
        service = SignedService(
            "logs", region: destination.region, host: destination.host, endpoint: destination.endpoint,
            credentials: credentials, now: now, send: send)
    }

    /// Puts one batch of `LogEventBatches`.
    ///
    /// - Returns: how many of its events the service threw away because of their times: more than 14 days or the
    ///   group's retention in the past, or more than two hours ahead.
    package func put(_ batch: [LogEvent]) throws(ServiceError) -> Int {
        let request = PutRequest(
            logGroupName: destination.group, logStreamName: destination.stream,
            logEvents: batch.map { PutRequest.Event(timestamp: $0.time, message: $0.message) })
        let body = try Self.json(request)
        do throws(ServiceError) {
            return try putOnce(body, count: batch.count)
        } catch .missing {
            try create()
            return try putOnce(body, count: batch.count)
        }
    }

    private func putOnce(_ body: [UInt8], count: Int) throws(ServiceError) -> Int {
        // Older versions of the service look for metrics only where this header asks for it.
        let format = HTTPHeader("x-amzn-logs-format", "json/emf")
        let response = try call("PutLogEvents", body, [format], accepts: \.isAccepted)
        guard response.isSuccess else { return 0 }
        guard let answer = try? JSONDecoder().decode(PutAnswer.self, from: Data(response.body)) else {
            throw .unavailable(code: "malformed answer")
        }
        return answer.rejectedLogEventsInfo?.count(of: count) ?? 0
    }

    /// Makes the stream, and before that the group where it is missing, too, and may be made.
    private func create() throws(ServiceError) {
        let stream = try Self.json(
            CreateRequest(logGroupName: destination.group, logStreamName: destination.stream))
        do throws(ServiceError) {
            _ = try call("CreateLogStream", stream, accepts: \.isThereAlready)
        } catch .missing where destination.createsGroup {
            let group = try Self.json(CreateRequest(logGroupName: destination.group))
            _ = try call("CreateLogGroup", group, accepts: \.isThereAlready)
            _ = try call("CreateLogStream", stream, accepts: \.isThereAlready)
        }
    }

    private func call(
        _ action: String, _ body: [UInt8], _ headers: [HTTPHeader] = [], accepts accepted: (ServiceFailure) -> Bool
    ) throws(ServiceError) -> HTTPResponse {
        let headers =
            [
                HTTPHeader("Content-Type", "application/x-amz-json-1.1"),
                HTTPHeader("X-Amz-Target", "Logs_20140328.\(action)"),
            ] + headers
        return try service.post("/", headers, body, accepts: accepted)
    }

    private static func json(_ value: some Encodable) throws(ServiceError) -> [UInt8] {
        do { return Array(try JSONEncoder().encode(value)) } catch {
            throw .refused(code: "encoding", reason: "\(error)")
        }
    }
}

private struct PutRequest: Encodable {
    struct Event: Encodable {
        var timestamp: Int64
        var message: String
    }

    var logGroupName: String
    var logStreamName: String
    var logEvents: [Event]
}

private struct CreateRequest: Encodable {
    var logGroupName: String
    var logStreamName: String?
}

private struct PutAnswer: Decodable {
    var rejectedLogEventsInfo: Rejected?

    /// Which events of the batch, in its order, were thrown away.
    struct Rejected: Decodable {
        var tooNewLogEventStartIndex: Int?
        /// Exclusive, and so is the next.
        var tooOldLogEventEndIndex: Int?
        var expiredLogEventEndIndex: Int?

        func count(of batch: Int) -> Int {
            let old = min(max(tooOldLogEventEndIndex ?? 0, expiredLogEventEndIndex ?? 0, 0), batch)
            let new = min(max(tooNewLogEventStartIndex ?? batch, old), batch)
            return old + batch - new
        }
    }
}
