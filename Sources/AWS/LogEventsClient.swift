import FoundationEssentials
package import HTTPTransport

/// Puts batches of events into one log stream of CloudWatch Logs; used by one thread at a time.
///
/// It repeats a request only where that needs no waiting: after making a missing group or stream, and once with new
/// credentials. When to send a failed batch again is for its caller, see `LogEventsError.remedy`.
package final class LogEventsClient {
    package typealias Send = (HTTPRequest) throws(HTTPError) -> HTTPResponse

    private let destination: LogDestination
    private let credentials: CredentialProvider
    private let now: () -> Int64
    private let send: Send

    /// - Parameters:
    ///   - now: seconds since 1970-01-01 UTC.
    ///   - send: sends one request, such as `HTTPClient.send`.
    package init(
        to destination: LogDestination, credentials: CredentialProvider, now: @escaping () -> Int64,
        send: @escaping Send
    ) {
        self.destination = destination
        self.credentials = credentials
        self.now = now
        self.send = send
    }

    /// Puts one batch of `LogEventBatches`.
    ///
    /// - Returns: how many of its events the service threw away because of their times: more than 14 days or the
    ///   group's retention in the past, or more than two hours ahead.
    package func put(_ batch: [LogEvent]) throws(LogEventsError) -> Int {
        let request = PutRequest(
            logGroupName: destination.group, logStreamName: destination.stream,
            logEvents: batch.map { PutRequest.Event(timestamp: $0.time, message: $0.message) })
        let body = try Self.json(request)
        do throws(LogEventsError) {
            return try putOnce(body, count: batch.count)
        } catch .missing where destination.createsMissing {
            try create()
            return try putOnce(body, count: batch.count)
        }
    }

    private func putOnce(_ body: [UInt8], count: Int) throws(LogEventsError) -> Int {
        // Older versions of the service look for metrics only where this header asks for it.
        let format = HTTPHeader("x-amzn-logs-format", "json/emf")
        let response = try call("PutLogEvents", body, [format], accepts: \.isAccepted)
        guard response.isSuccess else { return 0 }
        guard let answer = try? JSONDecoder().decode(PutAnswer.self, from: Data(response.body)) else {
            throw .unavailable(code: "malformed answer")
        }
        return answer.rejectedLogEventsInfo?.count(of: count) ?? 0
    }

    /// Makes the stream, and before that the group where it is missing, too.
    private func create() throws(LogEventsError) {
        let stream = try Self.json(
            CreateRequest(logGroupName: destination.group, logStreamName: destination.stream))
        do throws(LogEventsError) {
            _ = try call("CreateLogStream", stream, accepts: \.isThereAlready)
        } catch .missing {
            let group = try Self.json(CreateRequest(logGroupName: destination.group))
            _ = try call("CreateLogGroup", group, accepts: \.isThereAlready)
            _ = try call("CreateLogStream", stream, accepts: \.isThereAlready)
        }
    }

    /// The answer to one request: success, or a failure that is `accepted` as good as that.
    ///
    /// Credentials that the service does not take any more are replaced once.
    private func call(
        _ action: String, _ body: [UInt8], _ headers: [HTTPHeader] = [],
        accepts accepted: (LogServiceFailure) -> Bool
    ) throws(LogEventsError) -> HTTPResponse {
        var isFirst = true
        while true {
            let response = try sendSigned(action, body, headers)
            if response.isSuccess { return response }
            let failure = LogServiceFailure(response)
            if accepted(failure) { return response }
            let error = failure.error
            guard case .expired = error, isFirst else { throw error }
            isFirst = false
            credentials.discard()
        }
    }

    private func sendSigned(
        _ action: String, _ body: [UInt8], _ headers: [HTTPHeader]
    ) throws(LogEventsError) -> HTTPResponse {
        let time = now()
        let headers =
            [
                HTTPHeader("Content-Type", "application/x-amz-json-1.1"),
                HTTPHeader("X-Amz-Target", "Logs_20140328.\(action)"),
            ] + headers
        let signed = SignatureV4.Request(
            method: "POST", host: destination.host, headers: headers.map { ($0.name, $0.value) }, body: body)
        let added: [(name: String, value: String)]
        do throws(AWSError) {
            let signer = SignatureV4(
                credentials: try credentials.credentials(at: time), region: destination.region, service: "logs")
            added = signer.headers(for: signed, at: time)
        } catch {
            throw .credentials(error)
        }
        do throws(HTTPError) {
            return try send(
                HTTPRequest(
                    .post, "\(destination.endpoint)/", headers: headers + added.map { HTTPHeader($0.name, $0.value) },
                    body: body, bodyLimit: 65_536, usesEnvironmentProxy: true))
        } catch {
            throw .transport(error)
        }
    }

    private static func json(_ value: some Encodable) throws(LogEventsError) -> [UInt8] {
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
