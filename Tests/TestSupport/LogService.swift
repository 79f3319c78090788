import Foundation

/// moto's CloudWatch Logs, with faults before it answers, and its instance metadata and Security Hub beside it.
package struct LogService {
    private let process: StandIn
    /// The address of CloudWatch Logs.
    package let endpoint: String
    private let port: String
    private let surroundings: [String]

    /// - Parameters:
    ///   - faults: are given one a request: `throttle`, `500`, `expired`, `denied`, `invalid`, or `html-` and a status.
    ///   - surroundings: the words of a command that runs another one, such as in a node's network.
    package init(faults: [String] = [], port: String = "0", in surroundings: [String] = []) throws {
        self.surroundings = surroundings
        process = try StandIn(
            Self.script, arguments: [port] + faults, interpreter: BenchPython.interpreter, in: surroundings)
        self.port = process.words[0]
        endpoint = "http://127.0.0.1:\(process.words[0])"
    }

    /// A port on which nobody listens.
    package static func freePort() throws -> String {
        try StandIn(
            """
            import socket
            print("ready", socket.create_server(("127.0.0.1", 0)).getsockname()[1])
            """
        ).words[0]
    }

    /// Where credentials come from: a role of the instance.
    package var environment: [String: String] {
        ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(process.words[1])"]
    }

    /// The address of Security Hub.
    package var hub: String { "http://127.0.0.1:\(process.words[2])" }

    /// The findings in Security Hub as botocore reads them: JSON, spaces as underscores.
    package func findings() throws -> [String] {
        let script = """
            import botocore.session, json, sys
            client = botocore.session.get_session().create_client(
                "securityhub", region_name="eu-central-1", endpoint_url=sys.argv[1], aws_access_key_id="k",
                aws_secret_access_key="s")
            found = client.get_findings()["Findings"]
            print("ready", *(json.dumps(finding, default=str).replace(" ", "_") for finding in found))
            """
        return try StandIn(
            script, arguments: [hub], interpreter: BenchPython.interpreter, in: surroundings
        ).words
    }

    /// The messages of the stream as botocore reads them; none where it is not there yet.
    package func messages() throws -> [String] {
        let script = """
            import base64, botocore.session, sys
            client = botocore.session.get_session().create_client(
                "logs", region_name="eu-central-1", endpoint_url=sys.argv[1], aws_access_key_id="k",
                aws_secret_access_key="s")
            found, token = [], {}
            while True:
                try:
                    page = client.get_log_events(
                        logGroupName="/breakoutd/findings", logStreamName="node", startFromHead=True, **token)
                except client.exceptions.ResourceNotFoundException:
                    break
                if not page["events"]:
                    break
                found += [base64.b64encode(event["message"].encode()).decode() for event in page["events"]]
                token = {"nextToken": page["nextForwardToken"]}
            print("ready", *found)
            """
        return try StandIn(
            script, arguments: [endpoint], interpreter: BenchPython.interpreter, in: surroundings
        ).words.map { String(decoding: Data(base64Encoded: $0) ?? Data(), as: UTF8.self) }
    }

    private static let script = #"""
        import json, logging, os, sys, threading
        from moto.moto_server.werkzeug_app import create_backend_app
        from werkzeug.serving import make_server
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        faults = sys.argv[2:]
        types = {"throttle": "ThrottlingException", "expired": "ExpiredTokenException",
                 "denied": "AccessDeniedException", "invalid": "InvalidParameterException"}

        def faulty(app):
            def serve(environment, start):
                is_ours = environment.get("HTTP_X_AMZ_TARGET", "").startswith("Logs_20140328.Put")
                fault = faults.pop(0) if faults and is_ours else None
                if fault is None:
                    return app(environment, start)
                environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
                body = json.dumps({"__type": types.get(fault, "InternalFailure"), "message": "no " + fault})
                status = "500" if fault == "500" else "400"
                if fault.startswith("html-"):
                    body, status = "<html>try later</html>", fault[5:]
                start(status + " x", [("Content-Type", "application/json")])
                return [body.encode()]
            return serve

        servers = [make_server("127.0.0.1", int(sys.argv[1]), faulty(create_backend_app("logs")), threaded=True),
                   make_server("127.0.0.1", 0, create_backend_app("instance_metadata"), threaded=True),
                   make_server("127.0.0.1", 0, create_backend_app("securityhub"), threaded=True)]
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", *(server.server_port for server in servers), flush=True)
        os.read(0, 1)
        os._exit(0)
        """#
}
