package import HTTPTransport
import Synchronization

/// Publishes messages to one topic of Amazon SNS; any thread may.
package final class TopicPublisher: Sendable {
    /// Why a message was not published.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case credentials(AWSError)
        case transport(HTTPError)
        /// With the service's name of the error, such as `AuthorizationError`, or nothing.
        case status(Int, code: String)

        package var description: String {
            switch self {
            case .credentials(let error): "SNS: \(error)"
            case .transport(let error): "SNS: \(error)"
            case .status(let status, let code): "SNS: status \(status)" + (code.isEmpty ? "" : " \(code)")
            }
        }
    }

    private let topic: NotificationTopic
    private let environment: [String: String]
    private let now: @Sendable () -> Int64
    private let pause: @Sendable (Double) -> Void
    /// Made at the first use, and used by one thread at a time.
    private let provider = Mutex<CredentialProvider?>(nil)

    /// - Parameters:
    ///   - environment: where credentials are looked for first.
    ///   - now: seconds since 1970-01-01 UTC.
    ///   - pause: waits for a number of seconds.
    package init(
        _ topic: NotificationTopic, environment: [String: String], now: @escaping @Sendable () -> Int64,
        pause: @escaping @Sendable (Double) -> Void
    ) {
        self.topic = topic
        self.environment = environment
        self.now = now
        self.pause = pause
    }

    /// Publishes one message, once.
    ///
    /// - Parameters:
    ///   - subject: at most 99 printable ASCII characters, for subscriptions by mail.
    ///   - message: at most 256 KiB with the attributes.
    ///   - attributes: at most 10, none with an empty value, for the filters of subscriptions.
    package func publish(
        subject: String, message: String, attributes: [String: String]
    ) throws(Failure) {
        let time = now()
        let credentials = try self.credentials(at: time)
        let body = Self.body(topic, subject: subject, message: message, attributes: attributes)
        let headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        let signed = SignatureV4.Request(
            method: "POST", host: topic.host, headers: headers.map { (name: $0.0, value: $0.1) }, body: body)
        let added = SignatureV4(credentials: credentials, region: topic.region, service: "sns")
            .headers(for: signed, at: time)
        let request = HTTPRequest(
            .post, "\(topic.endpoint)/",
            headers: (headers + added.map { ($0.name, $0.value) }).map { HTTPHeader($0, $1) },
            body: body, timeouts: HTTPTimeouts(connect: 5, total: 20, idle: nil), bodyLimit: 65_536,
            usesEnvironmentProxy: true)
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try HTTPClient().send(request)
        } catch {
            throw .transport(error)
        }
        guard !response.isSuccess else { return }
        // Credentials that the service does not take are read anew the next time.
        if response.status == 403 { provider.withLock { $0?.discard() } }
        throw .status(response.status, code: Self.code(response.body))
    }

    private func credentials(at time: Int64) throws(Failure) -> AWSCredentials {
        let (environment, pause) = (environment, pause)
        let result = provider.withLock { provider -> Result<AWSCredentials, Failure> in
            do throws(HTTPError) {
                if provider == nil {
                    let client = try HTTPClient()
                    let metadata = InstanceMetadata(client: client, environment: environment, pause: pause)
                    provider = CredentialProvider(
                        client: client, environment: environment, metadata: metadata, pause: pause)
                }
            } catch {
                return .failure(.transport(error))
            }
            return Result { () throws(AWSError) in
                guard let provider else { throw .noCredentials }
                return try provider.credentials(at: time)
            }.mapError(Failure.credentials)
        }
        return try result.get()
    }

    /// The form of the Query API (SNS, Publish).
    static func body(
        _ topic: NotificationTopic, subject: String, message: String, attributes: [String: String]
    ) -> [UInt8] {
        var form = [
            ("Action", "Publish"), ("Version", "2010-03-31"), ("TopicArn", topic.arn), ("Subject", subject),
            ("Message", message),
        ]
        for (index, attribute) in attributes.sorted(by: { $0.key < $1.key }).enumerated() {
            let prefix = "MessageAttributes.entry.\(index + 1)"
            form += [
                ("\(prefix).Name", attribute.key), ("\(prefix).Value.DataType", "String"),
                ("\(prefix).Value.StringValue", attribute.value),
            ]
        }
        return Array(form.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&").utf8)
    }

    /// The name in `<Code>` of an error's answer.
    static func code(_ body: [UInt8]) -> String {
        let text = String(decoding: body, as: UTF8.self)
        guard let start = text.firstRange(of: "<Code>") else { return "" }
        let name = text[start.upperBound...].prefix { $0 != "<" }
        return name.isName(with: ".") ? String(name.prefix(100)) : ""
    }
}
