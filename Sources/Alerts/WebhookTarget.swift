package import HTTPTransport
import Reports

/// A web address that takes each alert as one POST of JSON.
package struct WebhookTarget: AlertTarget {
    /// What is posted.
    package enum Format: String, Sendable, CaseIterable {
        /// Schema `breakoutd-alert/1`, with the finding in it.
        case generic
        /// What an incoming webhook of Slack takes, and many others that follow it.
        case slack
    }

    private let url: String
    private let format: Format
    private let tls: TLSConfiguration

    /// - Parameter url: `https`, or `http` to this machine; it may hold a secret and is never printed.
    package init(
        _ url: String, _ format: Format, tls: TLSConfiguration = TLSConfiguration()
    ) throws(AlertFailure) {
        guard Self.isUsable(url) else { throw AlertFailure("the webhook is no https address") }
        self.url = url
        self.format = format
        self.tls = tls
    }

    package func deliver(_ alert: Alert) throws(AlertFailure) {
        let body = try body(alert)
        let response: HTTPResponse
        do throws(HTTPError) {
            let request = HTTPRequest(
                .post, url, headers: [HTTPHeader("Content-Type", "application/json")], body: Array(body.utf8),
                timeouts: .alert, bodyLimit: 65_536, usesEnvironmentProxy: !Self.isLocal(url))
            response = try HTTPClient(tls: tls).send(request)
        } catch {
            throw AlertFailure("the webhook: \(error)", isFinal: error == .malformedURL)
        }
        if let failure = AlertFailure(response, of: "the webhook") { throw failure }
    }

    private func body(_ alert: Alert) throws(AlertFailure) -> String {
        do throws(ReportError) {
            return switch format {
            case .generic: try AlertMessage.json(alert)
            case .slack: try AlertMessage.slack(alert)
            }
        } catch {
            throw AlertFailure("\(error)", isFinal: true)
        }
    }

    private static func isUsable(_ url: String) -> Bool {
        url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && (url.hasPrefix("https://") || isLocal(url))
    }

    /// Plain `http` that does not leave this machine.
    private static func isLocal(_ url: String) -> Bool {
        ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { local in
            url.hasPrefix(local) && [":", "/", nil].contains(url.dropFirst(local.count).first)
        }
    }
}

extension HTTPTimeouts {
    /// So short that a request is through before a service manager stops to wait for the end.
    static let alert = HTTPTimeouts(connect: 5, total: 20, idle: nil)
}

extension AlertFailure {
    /// `nil` for an answer that says the alert was taken.
    ///
    /// These statuses say that the message itself is wrong; every other may have another reason another time.
    init?(_ response: HTTPResponse, of receiver: String) {
        if response.isSuccess { return nil }
        let retryAfter = response.header("Retry-After").flatMap(Double.init)
        self.init(
            "\(receiver) answered with status \(response.status)",
            isFinal: [400, 413, 415, 422].contains(response.status), retryAfter: retryAfter)
    }
}
