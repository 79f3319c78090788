import Testing

@testable import AWS

@Suite struct NotificationTopicTests {
    static let topics: [(arn: String, endpoint: String?, region: String, address: String, host: String)] = [
        (
            "arn:aws:sns:eu-central-1:111111111111:alerts", nil, "eu-central-1",
            "https://sns.eu-central-1.amazonaws.com", "sns.eu-central-1.amazonaws.com"
        ),
        (
            "arn:aws-cn:sns:cn-north-1:111111111111:a_b-c", nil, "cn-north-1",
            "https://sns.cn-north-1.amazonaws.com.cn", "sns.cn-north-1.amazonaws.com.cn"
        ),
        (
            "arn:aws:sns:us-east-1:111111111111:x", "http://127.0.0.1:5000/", "us-east-1", "http://127.0.0.1:5000",
            "127.0.0.1:5000"
        ),
    ]

    @Test(arguments: topics)
    func usable(arn: String, endpoint: String?, region: String, address: String, host: String) throws {
        let topic = try #require(NotificationTopic(arn: arn, endpoint: endpoint))
        #expect(topic.arn == arn && topic.region == region && topic.endpoint == address && topic.host == host)
    }

    static let wrong: [(arn: String, endpoint: String?)] = [
        ("", nil), ("alerts", nil), ("arn:aws:sns:eu-central-1:111111111111", nil),
        ("arn:aws:sns:eu-central-1:111111111111:alerts:subscription", nil),
        ("arn:aws:sqs:eu-central-1:111111111111:alerts", nil), ("arn:aws:sns::111111111111:alerts", nil),
        ("arn:aws:sns:a/b:111111111111:alerts", nil), ("arn:aws:sns:eu-central-1:1111:alerts", nil),
        ("arn:aws:sns:eu-central-1:１11111111111:alerts", nil), ("arn:aws:sns:eu-central-1:111111111111:", nil),
        ("arn:aws:sns:eu-central-1:111111111111:alerts.fifo", nil),
        ("arn:aws:sns:eu-central-1:111111111111:alerts", "sns.example"),
        ("arn:aws:sns:eu-central-1:111111111111:alerts", "https://a/b"),
    ]

    @Test(arguments: wrong)
    func noTopic(arn: String, endpoint: String?) {
        #expect(NotificationTopic(arn: arn, endpoint: endpoint) == nil)
    }
}
