import HTTPTransport
import TestSupport
import Testing

@testable import AWS

@Suite struct TopicPublisherTests {
    @Test func theForm() throws {
        let topic = try #require(NotificationTopic(arn: "arn:aws:sns:eu-central-1:111111111111:a"))
        let body = TopicPublisher.body(
            topic, subject: "a b", message: "{\"ä\":1}&", attributes: ["n": "x", "a": "1=2"])
        let expected =
            "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A111111111111%3Aa"
            + "&Subject=a%20b&Message=%7B%22%C3%A4%22%3A1%7D%26"
            + "&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String"
            + "&MessageAttributes.entry.1.Value.StringValue=1%3D2"
            + "&MessageAttributes.entry.2.Name=n&MessageAttributes.entry.2.Value.DataType=String"
            + "&MessageAttributes.entry.2.Value.StringValue=x"
        #expect(String(decoding: body, as: UTF8.self) == expected)
    }

    static let codes: [(body: String, code: String)] = [
        ("<ErrorResponse><Error><Code>AuthorizationError</Code>", "AuthorizationError"), ("", ""), ("<Code>", ""),
        ("<Code>a b</Code>", ""), ("<Code>" + String(repeating: "x", count: 200), String(repeating: "x", count: 100)),
    ]

    @Test(arguments: codes)
    func code(body: String, code: String) { #expect(TopicPublisher.code(Array(body.utf8)) == code) }

    /// moto's SNS, which hands what is published to an SQS queue of its own.
    private static let service = #"""
        import json, logging, os, sys, threading
        import botocore.session
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        def client(service):
            return botocore.session.get_session().create_client(
                service, region_name="eu-central-1", endpoint_url=f"http://127.0.0.1:{server.server_port}",
                aws_access_key_id="k", aws_secret_access_key="s")
        topic = client("sns").create_topic(Name="alerts")["TopicArn"]
        queue = client("sqs").create_queue(QueueName="got")["QueueUrl"]
        client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-central-1:123456789012:got",
            Attributes={"FilterPolicy": json.dumps({"severity": ["critical"]})})
        print("ready", server.server_port, topic, queue, flush=True)
        os.read(0, 1)
        os._exit(0)
        """#

    private static let queue = #"""
        import botocore.session, json, sys
        client = botocore.session.get_session().create_client(
            "sqs", region_name="eu-central-1", endpoint_url=sys.argv[1], aws_access_key_id="k",
            aws_secret_access_key="s")
        bodies = [json.loads(m["Body"]) for m in client.receive_message(
            QueueUrl=sys.argv[2], MaxNumberOfMessages=10).get("Messages", [])]
        print("ready", *(b["Subject"] + "|" + b["Message"] for b in bodies))
        """#

    @Test(.enabled(if: BenchPython.hasBotocore, "needs packaging/bench/setup, for botocore and moto"))
    func publishing() throws {
        let service = try StandIn(Self.service, interpreter: BenchPython.interpreter)
        let endpoint = "http://127.0.0.1:\(service.words[0])"
        let publisher = TopicPublisher(
            try #require(NotificationTopic(arn: service.words[1], endpoint: endpoint)),
            environment: ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"], now: { 1_700_000_000 },
            pause: { _ in })
        try publisher.publish(subject: "first", message: #"{"a":"ä+&%"}"#, attributes: ["severity": "critical"])
        try publisher.publish(subject: "second", message: "x", attributes: ["severity": "low"])
        let got = try StandIn(
            Self.queue, arguments: [endpoint, service.words[2]], interpreter: BenchPython.interpreter)
        #expect(got.words == [#"first|{"a":"ä+&%"}"#])

        let missing = TopicPublisher(
            try #require(NotificationTopic(arn: "arn:aws:sns:eu-central-1:123456789012:missing", endpoint: endpoint)),
            environment: ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"], now: { 1_700_000_000 },
            pause: { _ in })
        #expect(throws: TopicPublisher.Failure.status(404, code: "NotFound")) {
            try missing.publish(subject: "a", message: "b", attributes: [:])
        }
    }

    @Test func withoutCredentials() throws {
        let publisher = TopicPublisher(
            try #require(
                NotificationTopic(arn: "arn:aws:sns:eu-central-1:123456789012:a", endpoint: "http://127.0.0.1:1")),
            environment: ["AWS_EC2_METADATA_DISABLED": "true"], now: { 0 }, pause: { _ in })
        #expect(throws: TopicPublisher.Failure.credentials(.noCredentials)) {
            try publisher.publish(subject: "a", message: "b", attributes: [:])
        }
        #expect(TopicPublisher.Failure.status(403, code: "").description == "SNS: status 403")
    }

    @Test func nobodyListens() throws {
        let publisher = TopicPublisher(
            try #require(
                NotificationTopic(arn: "arn:aws:sns:eu-central-1:123456789012:a", endpoint: "http://127.0.0.1:1")),
            environment: ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"], now: { 0 }, pause: { _ in })
        let failure = #expect(throws: TopicPublisher.Failure.self) {
            try publisher.publish(subject: "a", message: "b", attributes: [:])
        }
        #expect(failure?.description.hasPrefix("SNS: not connected: ") == true)
    }
}
