import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import AWS

/// The policies of `packaging/cloudformation` allow what the product does, and no action that it does not need: moto
/// judges each request by them.
@Suite(.enabled(if: BenchPython.hasBotocore, "needs packaging/bench/setup, for botocore and moto"))
struct TemplatePolicyTests {
    /// moto with a user who has the policy of a template without one of its actions.
    ///
    /// moto knows no ARNs of log streams and products: the policy is for every resource there.
    private static let service = #"""
        import json, logging, os, sys, threading
        import botocore.session, moto.settings, yaml
        from moto.cloudformation.utils import yaml_tag_constructor
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        path, resource, dropped = sys.argv[1:]
        yaml.SafeLoader.add_multi_constructor("", yaml_tag_constructor)
        properties = yaml.safe_load(open(path))["Resources"][resource]["Properties"]
        (statement,) = properties["PolicyDocument"]["Statement"]
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        allowed = [action for action in actions if action != dropped]
        server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        def client(service):
            return botocore.session.get_session().create_client(
                service, region_name="eu-central-1", endpoint_url=f"http://127.0.0.1:{server.server_port}",
                aws_access_key_id="k", aws_secret_access_key="s")
        client("logs").create_log_group(logGroupName="/g")
        client("securityhub").enable_security_hub()
        iam = client("iam")
        iam.create_user(UserName="node")
        if allowed:
            iam.put_user_policy(UserName="node", PolicyName="p", PolicyDocument=json.dumps({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}]}))
        key = iam.create_access_key(UserName="node")["AccessKey"]
        moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        print("ready", server.server_port, key["AccessKeyId"], key["SecretAccessKey"], *actions, flush=True)
        os.read(0, 1)
        os._exit(0)
        """#

    private struct Service {
        let process: StandIn

        init(_ template: String, _ resource: String, without action: String) throws {
            let packaging = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("packaging/cloudformation")
            process = try StandIn(
                TemplatePolicyTests.service,
                arguments: [packaging.appendingPathComponent("\(template).yaml").path, resource, action],
                interpreter: BenchPython.interpreter)
        }

        var endpoint: String { "http://127.0.0.1:\(process.words[0])" }
        var actions: [String] { Array(process.words.dropFirst(3)) }

        func credentials() throws -> CredentialProvider {
            let environment = [
                "AWS_ACCESS_KEY_ID": process.words[1], "AWS_SECRET_ACCESS_KEY": process.words[2],
                "AWS_EC2_METADATA_DISABLED": "true",
            ]
            let client = try HTTPClient()
            return CredentialProvider(
                client: client, environment: environment,
                metadata: InstanceMetadata(client: client, environment: environment) { _ in }
            ) { _ in }
        }
    }

    private static let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }

    private func putEvents(_ service: Service) throws {
        let client = LogEventsClient(
            to: try LogDestination(
                region: "eu-central-1", group: "/g", stream: "node", endpoint: service.endpoint, createsGroup: false),
            credentials: try service.credentials(), now: Self.now,
            send: { request throws(HTTPError) in try HTTPClient().send(request) })
        _ = try client.put([LogEvent(time: Self.now() * 1000, message: "a")])
    }

    private func importFinding(_ service: Service) throws {
        let importer = FindingImporter(
            to: try #require(HubAddress(region: "eu-central-1", endpoint: service.endpoint)),
            credentials: try service.credentials(), now: Self.now,
            send: { request throws(HTTPError) in try HTTPClient().send(request) })
        let result = try importer.put([#"{"Id":"a","Resources":[{"Type":"Other","Id":"n"}]}"#])
        #expect(result.refused == 0)
    }

    static let policies: [(template: String, resource: String, actions: [String])] = [
        ("monitoring", "NodePolicy", ["logs:CreateLogStream", "logs:PutLogEvents"]),
        ("securityhub", "ImportPolicy", ["securityhub:BatchImportFindings"]),
    ]

    @Test(arguments: policies)
    func isEnoughAndNothingTooMuch(template: String, resource: String, actions: [String]) throws {
        let use = template == "monitoring" ? putEvents : importFinding
        let whole = try Service(template, resource, without: "")
        #expect(whole.actions == actions)
        #expect(throws: Never.self) { try use(whole) }
        for action in actions {
            let error = #expect(throws: ServiceError.self) { try use(Service(template, resource, without: action)) }
            guard case .denied = error else {
                Issue.record("without \(action): \(String(describing: error))")
                continue
            }
        }
    }
}
