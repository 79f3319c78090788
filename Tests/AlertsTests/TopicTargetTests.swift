import AWS
import LinuxSystem
import Testing

@testable import Alerts

@Suite struct TopicTargetTests {
    static let attributes: [(change: [String: String?], attributes: [String: String])] = [
        (
            [:],
            [
                "severity": "critical", "technique": "privileged", "namespace": "shop", "node": "node-1",
                "event": "raised",
            ]
        ),
        (
            ["BREAKOUTD_SEVERITY": "dreadful", "BREAKOUTD_NAMESPACE": nil, "_HOSTNAME": ""],
            ["technique": "privileged", "event": "raised"]
        ),
    ]

    /// None is empty: the service refuses that.
    @Test(arguments: attributes)
    func attributesOf(change: [String: String?], attributes: [String: String]) throws {
        #expect(TopicTarget.attributes(try #require(Alert(.sample(1, change)))) == attributes)
    }

    @Test func whatFailsIsTriedAgain() throws {
        let topic = try #require(
            NotificationTopic(arn: "arn:aws:sns:eu-central-1:111111111111:a", endpoint: "http://127.0.0.1:1"))
        let publisher = TopicPublisher(
            topic, environment: ["AWS_EC2_METADATA_DISABLED": "true"], now: { 0 }, pause: { _ in })
        let alert = try #require(Alert(.sample()))
        let expected = AlertFailure("SNS: no AWS credentials in the environment, the container or the instance")
        #expect(throws: expected) { try TopicTarget(publisher).deliver(alert) }
    }
}
