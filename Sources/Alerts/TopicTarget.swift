package import AWS
import Checks
import Reports

/// A topic of Amazon SNS.
package struct TopicTarget: AlertTarget {
    private let publisher: TopicPublisher

    package init(_ publisher: TopicPublisher) { self.publisher = publisher }

    package func deliver(_ alert: Alert) throws(AlertFailure) {
        do {
            try publisher.publish(
                subject: AlertMessage.subject(alert), message: AlertMessage.json(alert),
                attributes: Self.attributes(alert))
        } catch let error as TopicPublisher.Failure {
            var isFinal = false
            // Beside a message that is wrong, these statuses stand for credentials (SNS, common errors).
            if case .status(400, let code) = error { isFinal = code.hasPrefix("InvalidParameter") }
            throw AlertFailure("\(error)", isFinal: isFinal)
        } catch {
            throw AlertFailure("SNS: \(error)", isFinal: true)
        }
    }

    /// What subscriptions may filter by.
    static func attributes(_ alert: Alert) -> [String: String] {
        let attributes = [
            "severity": alert.severity?.rawValue, "technique": alert.technique, "namespace": alert.namespace,
            "node": alert.node, "event": alert.event,
        ]
        return attributes.compactMapValues { $0 }.filter { !$0.value.isEmpty }
    }
}
